import { CgroupDef, Cpuset, executeDefs, ktstrTest, type Ctx } from 'ktstr';
import { expect } from '@jest/globals';

class CpusetSplit {
  /** Each cgroup keeps to its LLC. */
  @ktstrTest({ llcs: 2, cores: 2, durationMs: 1000, isolation: true, notStuck: true, maxSpreadPct: 80 })
  async oneLlcEach(ctx: Ctx) {
    const result = await executeDefs(ctx, [
      CgroupDef.named('left').workers(2).cpuset(Cpuset.llc(0)),
      CgroupDef.named('right').workers(2).cpuset(Cpuset.llc(1)),
    ]);
    expect(result.workers).toHaveLength(4);
    return result;
  }
}
