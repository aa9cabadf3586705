import { CgroupDef, executeDefs, ktstrTest, type Ctx } from 'ktstr';

class VirtualTime {
  /** Both runs must agree to the nanosecond: same image, same seed, instruction-counted time. */
  @ktstrTest({
    machine: 'deterministic',
    cores: 2,
    durationMs: 300,
    repeat: 2,
    seed: 1,
    notStuck: true,
    maxSpreadPct: 90,
  })
  async repeats(ctx: Ctx) {
    return executeDefs(ctx, [CgroupDef.named('cg_0').workers(4)]);
  }
}
