export interface CpioMember {
  path: string;
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  mtime: number;
  rdev: [major: number, minor: number];
  content: Buffer;
}

/** All members of one or more archives that follow each other, as the kernel reads them. Written apart from the writer, from the format. */
export function readCpio(bytes: Buffer): CpioMember[] {
  const members: CpioMember[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at += 1;
      continue;
    }
    if (at % 4 !== 0) throw new Error(`a member starts at ${at}, which is no multiple of four`);
    const magic = bytes.toString('latin1', at, at + 6);
    if (magic !== '070701') throw new Error(`no newc header at ${at}: ${magic}`);
    const word = (index: number): number =>
      Number.parseInt(bytes.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [size, nameSize] = [word(6), word(11)];
    const path = bytes.toString('utf8', at + 110, at + 110 + nameSize - 1);
    if (bytes[at + 110 + nameSize - 1] !== 0) throw new Error(`the name at ${at} does not end with a zero byte`);
    const contentAt = Math.ceil((at + 110 + nameSize) / 4) * 4;
    const content = bytes.subarray(contentAt, contentAt + size);
    const [ino, mode, uid, gid, nlink, mtime] = [word(0), word(1), word(2), word(3), word(4), word(5)];
    if (path !== 'TRAILER!!!')
      members.push({ path, ino, mode, uid, gid, nlink, mtime, rdev: [word(9), word(10)], content });
    at = Math.ceil((contentAt + size) / 4) * 4;
  }
  return members;
}
