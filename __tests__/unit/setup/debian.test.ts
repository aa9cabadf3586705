import { expect, test } from '@jest/globals';
import { installCommand, isDebianFamily, remedyFor } from '../../../setup/debian';

test.each([
  ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n', true],
  ['Ubuntu', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
  ['Mint, with a list in quotes', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['Fedora', 'NAME="Fedora Linux"\nID=fedora\n', false],
  ['one that only mentions it', 'ID=other\nHOME_URL="https://debian.example/"\nVARIANT_ID=debian\n', false],
  ['no os-release', '', false],
])('isDebianFamily() for %s', (_, osRelease, expected) => {
  expect(isDebianFamily(osRelease)).toBe(expected);
});

test('installCommand() names exactly the packages', () => {
  expect(installCommand(['gcc', 'make'])).toBe(
    'sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc make',
  );
});

test.each([
  ['the command on Debian', 'ID=debian\n', 'sudo apt-get install dwarves'],
  [
    'the thing and the name of its package elsewhere',
    'ID=fedora\n',
    'install the package that brings pahole (in Debian: dwarves)',
  ],
])('remedyFor() gives %s', (_, osRelease, remedy) => {
  expect(remedyFor({ what: 'pahole', debianPackage: 'dwarves' }, osRelease)).toBe(remedy);
});
