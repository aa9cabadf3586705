import { describe, expect, test } from '@jest/globals';
import { parseEnvironmentOptions } from '../../../environment/environment-options';

const KNOWN = { reason: 'known', link: 'https://bugs.example/1', expires: '2030-01-31' };
const KNOWN_ENTRY = { ...KNOWN, pattern: 'WARNING' };

describe('parseEnvironmentOptions()', () => {
  test.each([
    { options: {}, decorators: 'legacy' },
    { options: { url: 'http://localhost', html: '<p>' }, decorators: 'legacy' },
    { options: { ktstr: {} }, decorators: 'legacy' },
    { options: { ktstr: { decorators: 'standard' } }, decorators: 'standard' },
  ])('takes $options as $decorators decorators', ({ options, decorators }) => {
    expect(parseEnvironmentOptions(options)).toMatchObject({ decorators });
  });

  test.each([
    ['a pattern', /WARNING in f/i, { pattern: 'WARNING in f', flags: 'i' }],
    ['a text, as JSON has it', 'WARNING in f', { pattern: 'WARNING in f', flags: '' }],
  ])('takes what the console may have by %s', (_, pattern, plain) => {
    const options = { ktstr: { consoleAllow: [{ ...KNOWN, pattern }] } };
    expect(parseEnvironmentOptions(options).consoleAllow).toEqual([{ ...KNOWN, ...plain }]);
  });

  test('takes a list of kernels, by default none', () => {
    expect(parseEnvironmentOptions({ ktstr: { kernels: ['6.12', './bzImage'] } }).kernels).toEqual([
      '6.12',
      './bzImage',
    ]);
    expect(parseEnvironmentOptions({}).kernels).toEqual([]);
  });

  test('allows nothing on the console by default', () => {
    expect(parseEnvironmentOptions({}).consoleAllow).toEqual([]);
  });

  test.each([
    { options: { ktstr: { decorators: 'modern' } }, option: 'ktstr.decorators' },
    { options: { ktstr: { decorator: 'standard' } }, option: 'ktstr' },
    { options: { ktstr: { consoleAllow: [{}] } }, option: 'ktstr.consoleAllow.0.pattern' },
    { options: { ktstr: { consoleAllow: [{ ...KNOWN_ENTRY, link: '' }] } }, option: 'ktstr.consoleAllow.0.link' },
    { options: { ktstr: { kernels: '6.12' } }, option: 'ktstr.kernels' },
    { options: { ktstr: { kernels: [''] } }, option: 'ktstr.kernels.0' },
    { options: { ktstr: true }, option: 'ktstr' },
    { options: { ktstr: null }, option: 'ktstr' },
  ])('refuses $options', ({ options, option }) => {
    expect(() => parseEnvironmentOptions(options)).toThrow(
      expect.objectContaining({
        code: 'options-invalid',
        fields: {
          subject: 'testEnvironmentOptions',
          issues: expect.arrayContaining([expect.objectContaining({ option })]),
        },
      }),
    );
  });
});
