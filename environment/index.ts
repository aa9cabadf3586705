import { TestEnvironment } from 'jest-environment-node';

import { withKtstr } from './with-ktstr';

/** The Jest environment: `testEnvironment: 'ktstr/environment'`, or by docblock in one file. */
export default class KtstrEnvironment extends withKtstr(TestEnvironment) {}

export { withKtstr };
