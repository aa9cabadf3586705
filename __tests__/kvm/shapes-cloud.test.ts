import { describeShapes, storedKey } from './shapes';

describeShapes("Debian's cloud kernel", () => storedKey(false));
