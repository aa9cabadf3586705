import { writeSync } from 'node:fs';

import { watchDepartures } from '../../../src/guest/departure';

/** Started by tests as a process of its own: runs the code it is given until that departs, and prints how it did. */
const [code = ''] = process.argv.slice(2);
const kill = process.kill.bind(process);

watchDepartures((departure) => {
  writeSync(1, JSON.stringify(departure));
  // As a machine that is switched off: nothing comes after this.
  kill(process.pid, 'SIGKILL');
});

// oxlint-disable-next-line typescript/no-implied-eval
new Function(`(function leaver() { ${code} })()`)();
