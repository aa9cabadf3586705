import { CgroupDef, executeDefs, ktstrDefaults, ktstrTest, Scheduler, type Ctx } from 'ktstr';

const SCHED = Scheduler.binary({ name: 'scx_ktstr' });
const SPLIT = [CgroupDef.named('cg_0').workers(4), CgroupDef.named('cg_1').workers(4)];

@ktstrDefaults({ llcs: 2, cores: 2, durationMs: 1500, notStuck: true, maxGapMs: 1000, maxSpreadPct: 80 })
class Fairness {
  /** Two cgroups of equal weight on four CPUs: nobody starves, and CPU time is shared evenly. */
  @ktstrTest({ scheduler: SCHED })
  async underSchedExt(ctx: Ctx) {
    return executeDefs(ctx, SPLIT);
  }

  /** The same under the kernel's own scheduler. */
  @ktstrTest()
  async underEevdf(ctx: Ctx) {
    return executeDefs(ctx, SPLIT);
  }
}
