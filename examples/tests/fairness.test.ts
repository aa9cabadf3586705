import { CgroupDef, executeDefs, ktstrDefaults, ktstrTest, type Ctx } from 'ktstr';

@ktstrDefaults({ llcs: 2, cores: 2, durationMs: 1500 })
class Fairness {
  /** Two cgroups of equal weight on four CPUs: nobody starves, and CPU time is shared evenly. */
  @ktstrTest({ notStuck: true, maxGapMs: 1000, maxSpreadPct: 80 })
  async twoCgroups(ctx: Ctx) {
    return executeDefs(ctx, [CgroupDef.named('cg_0').workers(4), CgroupDef.named('cg_1').workers(4)]);
  }
}
