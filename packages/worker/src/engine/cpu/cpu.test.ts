import { engineContract } from '../contract.suite.js';
import { createCpuEngine } from './cpu.js';

engineContract('cpu', createCpuEngine);
