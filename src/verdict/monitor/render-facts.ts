import type { MonitorSummary } from './monitor-summary';

/** Of the programs of a scheduler, those that took the most time. */
const NAMED_PROGRAMS = 3;

/** What of a summary is worth a look beside its series, a line each; none of what did not happen. */
export function renderMonitorFacts(summary: MonitorSummary): string[] {
  const { events, userDsqs, balance, programs, metrics } = summary;
  const happened = Object.entries(events).filter(([, { count }]) => count > 0);
  const busiest = programs.toSorted((a, b) => b.timeNs - a.timeNs).slice(0, NAMED_PROGRAMS);
  return [
    ...happened.map(([event, { count, perSecond }]) => `event ${event}: ${count}${rateText(perSecond)}`),
    ...userDsqs
      .filter(({ maxDepth }) => maxDepth > 0)
      .map(({ id, maxDepth, avgDepth }) => `DSQ ${id}: at most ${maxDepth} queued, on average ${avgDepth.toFixed(1)}`),
    ...balance
      .filter(({ failed }) => failed > 0)
      .map(
        ({ domain, count, failed, gained }) =>
          `balancing of ${domain}: ${failed} of ${count} failed, ${gained} tasks pulled`,
      ),
    ...busiest.map(({ name, runs, nsPerRun }) => `program ${name}: ${runs} runs of ${nsPerRun.toFixed(0)} ns`),
    ...Object.entries(metrics).map(([name, value]) => `${name}: ${Number(value.toFixed(2))}`),
  ];
}

function rateText(perSecond: number | null): string {
  return perSecond === null ? '' : `, ${perSecond.toFixed(1)} per second`;
}
