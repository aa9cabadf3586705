import { outerKernel } from '../../nested/outer-kernel';
import { describeShapes } from './shapes';

describeShapes("Debian's kernel for every machine", async () => (await outerKernel(() => undefined)).image);
