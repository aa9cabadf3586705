import { jest } from '@jest/globals';

import { MACHINE_TIMEOUT_MS } from './inline-test';
import { describeHighMemory, describeMachine } from './machine-contract';

jest.setTimeout(MACHINE_TIMEOUT_MS);

describeMachine('emulated');
describeMachine('deterministic');
describeHighMemory('emulated');
