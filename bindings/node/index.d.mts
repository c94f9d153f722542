export * from './index.cjs';

declare const orapool: typeof import('./index.cjs');
export default orapool;
