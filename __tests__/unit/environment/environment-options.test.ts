import { describe, expect, test } from '@jest/globals';
import { parseEnvironmentOptions } from '../../../environment/environment-options';

describe('parseEnvironmentOptions()', () => {
  test.each([
    { options: {}, decorators: 'legacy' },
    { options: { url: 'http://localhost', html: '<p>' }, decorators: 'legacy' },
    { options: { ktstr: {} }, decorators: 'legacy' },
    { options: { ktstr: { decorators: 'standard' } }, decorators: 'standard' },
  ])('takes $options as $decorators decorators', ({ options, decorators }) => {
    expect(parseEnvironmentOptions(options)).toEqual({ decorators });
  });

  test.each([
    { options: { ktstr: { decorators: 'modern' } }, option: 'ktstr.decorators' },
    { options: { ktstr: { decorator: 'standard' } }, option: 'ktstr' },
    { options: { ktstr: true }, option: 'ktstr' },
    { options: { ktstr: null }, option: 'ktstr' },
  ])('refuses $options', ({ options, option }) => {
    expect(() => parseEnvironmentOptions(options)).toThrow(
      expect.objectContaining({
        code: 'options-invalid',
        fields: { subject: 'testEnvironmentOptions', issues: [expect.objectContaining({ option })] },
      }),
    );
  });
});
