import { describeHighMemory, describeMachine } from './machine-contract';

describeMachine('emulated');
describeMachine('deterministic');
describeHighMemory('emulated');
