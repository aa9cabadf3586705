import { storedKey } from '../vm/stored-kernel';
import { describeShapes } from './shapes';

describeShapes('the kernel that is built', () => storedKey(true));
