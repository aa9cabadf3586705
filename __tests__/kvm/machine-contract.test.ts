import { describeHighMemory, describeMachine } from '../vm/machine-contract';

describeMachine('kvm');
describeHighMemory('kvm');
