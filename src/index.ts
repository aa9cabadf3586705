/** The public surface. It loads in Jest's sandbox and in the guest, so nothing here reaches the host wing. */
export { ktstrDefaults, ktstrTest } from './spec/declare/decorators';
export type { Ctx } from './spec/declare/ctx';
export type { TestOptions } from './spec/declare/options';
export { Scheduler } from './spec/scheduler/scheduler';
export { flag } from './spec/scheduler/flag';
export type { Profile } from './spec/scheduler/profiles';
export { CgroupDef } from './spec/scenario/cgroup-def';
export { Cpuset } from './spec/scenario/cpuset-spec';
export { Hold } from './spec/scenario/hold-spec';
export { fail, inconclusive, pass, skip } from './verdict/results';
export { mergeAssertResults } from './verdict/merge';
export type { AssertDetail, AssertResult, CgroupStats, Outcome } from './verdict/assert-result';
export type { GuestMap, GuestObject, GuestProgram, GuestView } from './verdict/monitor/guest-view';
export type { RunResult } from './verdict/run-result';
export type { WorkerReport } from './verdict/worker-report';
export type { GuestTopology } from './spec/topology/guest-topology';
export { HarnessError, isHarnessError } from './errors';
export { executeDefs } from './guest/engine/execute-defs';
