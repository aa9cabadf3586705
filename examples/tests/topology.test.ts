import { ktstrTest, type Ctx } from 'ktstr';
import { expect, test } from '@jest/globals';

class MachineShape {
  @ktstrTest({ llcs: 2, cores: 2, threads: 2 })
  llcsAndSmt({ topology }: Ctx) {
    expect(topology.llcs.map((llc) => llc.cpus)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(topology.cores).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
  }

  @ktstrTest({ numaNodes: 2, llcs: 2, cores: 2, memoryMib: 1024 })
  numaNodes({ topology }: Ctx) {
    expect(topology.nodes.map((node) => node.cpus)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(topology.nodes.map((node) => node.distances)).toEqual([
      [10, 20],
      [20, 10],
    ]);
  }
}

test('a plain Jest test runs on the host', () => {
  expect(process.pid).not.toBe(1);
});
