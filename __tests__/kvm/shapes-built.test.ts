import { describeShapes, storedKey } from './shapes';

describeShapes('the kernel that is built', () => storedKey(true));
