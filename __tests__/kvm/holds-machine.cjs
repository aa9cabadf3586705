// Runs a machine for as long as it is let. A line on the standard output says when it is about to make the machine, and when the machine runs.
const { KvmMachine } = require('../../dist/src/host/machine/kvm/kvm-machine.js');

const config = JSON.parse(process.argv[2]);
console.log('about to make the machine');
void KvmMachine.start(config).then(async (machine) => {
  console.log('the machine runs');
  machine.console.onData((chunk) => process.stdout.write(chunk));
  machine.early.onData((chunk) => process.stdout.write(chunk));
  console.log('the machine ended', await machine.exited);
});
