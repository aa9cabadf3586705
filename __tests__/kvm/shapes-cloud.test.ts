import { storedKey } from '../vm/stored-kernel';
import { describeShapes } from './shapes';

describeShapes("Debian's cloud kernel", () => storedKey(false));
