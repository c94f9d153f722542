// The package, for import.
import orapool from './index.cjs';

export const {
  Pool,
  Session,
  Statement,
  OraPoolError,
  STATUS,
  SESSGET,
  SESSRLS,
  NATIVE,
  isSessionCallbackInUse,
  instanceId,
  libraryVersion,
  libraryFile,
} = orapool;
export default orapool;
