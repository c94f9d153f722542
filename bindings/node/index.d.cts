/// <reference types="node" />

/**
 * Sessions of Oracle Database from orapool, the pool that every runtime in the process shares.
 *
 * Functions that give a promise do not hold up the event loop; those whose names end in `Sync` do. What fails rejects or
 * throws an {@link OraPoolError}, also for arguments that make no sense.
 */

/** `wait`: as long as it takes. `nowait`: for nobody else. `forceget`: connects beyond the maximum. `timedwait`: for `waitTimeoutMs`. */
export type GetMode = 'wait' | 'nowait' | 'forceget' | 'timedwait';
/** `new`: a session that nobody has had. `self`, which is also the default: whatever others of the same user and class left. */
export type Purity = 'default' | 'new' | 'self';
/** A tag: text, or any bytes. */
export type Tag = string | Uint8Array;
/** What can be bound. A number that is no safe integer is bound as a double; a bigint has to fit into 64 bits. */
export type Bind = string | number | bigint | Uint8Array | null;

/**
 * How a column is read.
 *
 * - `text`, the default: a string; numbers in all their digits, bytes in hexadecimal.
 * - `number`: a number if it is exactly that (a safe integer, or at most 15 digits), else a string of all its digits.
 * - `int`: a number, or a bigint beyond the safe integers; an error (1455) for what is no 64-bit integer.
 * - `double`: the nearest double, which may be rounded.
 * - `bytes`: a Buffer.
 *
 * NULL is null in each.
 */
export type ColumnType = 'text' | 'number' | 'int' | 'double' | 'bytes';
export type Value = string | number | bigint | Buffer | null;
/** A row: values by position, or by column name. */
export type Row = Value[];
export type RowObject = Record<string, Value>;

/** What a get, and for all gets a pool, can be told. */
export interface GetAttributes {
  /** Who logs on: `user` or `main[proxy]`. In a get only with a pool that is not homogeneous. */
  user?: string;
  password?: string;
  /** Log on by the operating system or a wallet. */
  externalAuth?: boolean;
  /** Sessions of different classes never stand in for one another; with DRCP, who shares pooled servers. */
  connectionClass?: string;
  edition?: string;
  purity?: Purity;
  /** Who asks (file and line, request id): shown in leak reports, metrics and time-outs. */
  context?: string;
  /** Default `wait`. */
  getMode?: GetMode;
  /** Milliseconds; -1 for ever. Of a pool: for `timedwait`, default 5000. Of a get: its deadline in any mode. */
  waitTimeoutMs?: number;
}

/** What can be changed while a pool is open. Times are in milliseconds. */
export interface PoolChanges {
  /** Sessions that are kept open; default 1. */
  sessionsMin?: number;
  /** Sessions that are never exceeded, `forceget` apart; default 4. */
  sessionsMax?: number;
  sessionsIncrement?: number;
  getMode?: GetMode;
  waitTimeoutMs?: number;
  /** Gets that may wait; one more fails at once. -1, the default: any number. */
  waitersMax?: number;
  /** Connects that are made side by side; default 4. */
  connectsMax?: number;
  purity?: Purity;
  /** 0, the default: never. */
  idleTimeoutMs?: number;
  /** 0, the default: never. */
  lifetimeMaxMs?: number;
  /** Loans after which a session is closed; 0, the default: any number. */
  usesMax?: number;
  /** Idle time after which a get pings; 0 always, -1 never; default 60000. */
  pingIntervalMs?: number;
  pingTimeoutMs?: number;
  /** Default 20000. */
  connectTimeoutMs?: number;
  statementCacheSize?: number;
  /** Loans that last longer are reported as leaks; 0, the default: off. */
  leakAfterMs?: number;
  /** A get that waits so long, or longer, is an event when its wait is over; 0, the default: off. */
  waitReportMs?: number;
}

/** The tags that a session callback is called with. */
export interface TagRequest {
  /** The tag that was asked for; null for none. Throws if it is no UTF-8. */
  readonly wanted: string | null;
  /** The tag that the session has; null for none. Throws if it is no UTF-8. */
  readonly actual: string | null;
  readonly wantedBytes: Buffer | null;
  readonly actualBytes: Buffer | null;
}

/**
 * Puts a session's state right before a get hands it out: called for a session that nobody has had, and for one that is not
 * what was asked for. It works with the `…Sync` methods of the session and says what it has set with `setTag`. To return
 * nothing, true or 1 is success; all else, and to throw, drops the session and fails the get, with what was thrown as the
 * last `cause`. It can not be an async function. While it runs the event loop stands still. The session is of use until it
 * returns.
 */
export type SessionCallback = (session: Session, tags: TagRequest) => void | boolean | number;

export interface PoolOptions extends GetAttributes, PoolChanges {
  getMode?: GetMode;
  waitTimeoutMs?: number;
  purity?: Purity;
  /** The name under which everybody in the process can open the pool. Without one nobody else can. */
  name?: string;
  /** Of an Oracle Database, or `embedded:NAME`. */
  connectString?: string;
  /** `oci` or `embedded`; default: by the connect string. */
  driver?: string;
  /** What the database shows as the client's driver. */
  driverName?: string;
  /** `oci`: the folder of libclntsh.so. */
  clientLibDir?: string;
  /** `oci`: the folder of tnsnames.ora. */
  configDir?: string;
  /** A PL/SQL procedure `[schema.][package.]procedure(wanted, actual)` that puts a session's state right. */
  fixupCallback?: string;
  /** Only in the main thread. */
  sessionCallback?: SessionCallback;
  /** Default true: all sessions are of the pool's user. */
  homogeneous?: boolean;
}

export interface SyncAcquireOptions extends GetAttributes {
  /** The state that the session should have. */
  tag?: Tag | null;
  /** A session with another tag will do as well. */
  matchAny?: boolean;
  /** The tag is properties, `name=value;name=value`. */
  multiProperty?: boolean;
  /** Bits of {@link SESSGET} besides those. */
  mode?: number;
}

export interface AcquireOptions extends SyncAcquireOptions {
  /** Gives the get up: the promise rejects with the signal's reason, and a session that was won goes back. */
  signal?: AbortSignal;
}

export interface CloseOptions {
  /** Now, for everybody who has the pool open: running calls are broken, waiting gets fail, loans are taken away. */
  force?: boolean;
  /** Milliseconds for which loans may come back, then as `force`; -1 for ever; 0, the default: fail (24422) if some are out. */
  drainMs?: number;
}

export interface ReleaseOptions {
  /** The tag that the session has from now on; null for none. Left out: it keeps the one it has. */
  tag?: Tag | null;
  multiProperty?: boolean;
  /** Closes the session instead of keeping it. */
  drop?: boolean;
  /** Bits of {@link SESSRLS}, which then say alone whether `tag` is set. */
  mode?: number;
}

export interface TagOptions {
  multiProperty?: boolean;
  /** Bits of {@link SESSRLS} in place of `multiProperty`. */
  mode?: number;
}

export interface SignalOptions {
  /** Breaks the call: the promise rejects with the signal's reason, and the session stays usable. */
  signal?: AbortSignal;
}

export interface QueryOptions extends SignalOptions {
  /** How columns are read, by position or by name; those not named as `text`. */
  types?: readonly (ColumnType | undefined)[] | Readonly<Record<string, ColumnType>>;
  /** Default `arrays`. */
  rows?: 'arrays' | 'objects';
}

export interface Identity {
  sid: number;
  serial: number;
}

/** The numbers of orapool_stats. Nanoseconds are bigint, because their sums outgrow a number. */
export interface Stats {
  open: number; busy: number; idle: number; connecting: number; waiting: number;
  gets: number; getsTagExact: number; getsTagSuperset: number; getsTagPartial: number; getsUntagged: number; getsNew: number;
  timeouts: number; rejected: number; releases: number; drops: number;
  connects: number; connectFailures: number; pings: number; pingFailures: number;
  fixups: number; fixupFailures: number; callbacks: number; callbackFailures: number;
  closedIdle: number; closedLifetime: number; closedUses: number; closedDead: number;
  evictions: number; leaks: number; waitNsTotal: bigint; waitNsMax: bigint; peakBusy: number;
  drcpAttaches: number; drcpSessionChanges: number;
}

/** One event of the pool; what else it has depends on its kind. */
export interface PoolEvent {
  number: number;
  kind: string;
  [name: string]: unknown;
}

/** A pool, as one of its users sees it. */
export declare class Pool {
  private constructor();
  /** Makes a pool and opens its minimum of sessions. Rejects (CONFLICT) if its name is taken. */
  static create(options: PoolOptions): Promise<Pool>;
  /** As `create`, or opens the pool of that name if it has the same options, the callback function among them. */
  static createOrOpen(options: PoolOptions): Promise<Pool>;
  /** Opens a pool that exists in this process, whichever runtime or thread made it. Rejects (24416) if there is none. */
  static open(name: string): Promise<Pool>;

  readonly name: string | null;
  /** A warning of the creation: a part of the minimum could not be opened (24414), a password will expire (28002), …; else null. */
  readonly warning: OraPoolError | null;

  /**
   * Gets a session. Nothing waits but the promise: gets take no thread while they wait, and are served in the order of
   * arrival together with those of all other runtimes. The session callback, if it is due, runs on the event loop.
   */
  acquire(options?: AcquireOptions): Promise<Session>;
  /**
   * Gets a session if none has to be waited for, else null. Holds up the event loop where it has to connect, ping, fix up or
   * run a callback; an idle session that is as asked for comes at once.
   */
  tryAcquire(options?: Omit<SyncAcquireOptions, 'getMode'>): Session | null;
  /** As `acquire`, and the event loop stands still for as long as that takes. For session callbacks and short programs. */
  acquireSync(options?: SyncAcquireOptions): Session;
  /** Gets a session, calls `work` with it, and releases it whatever happens. */
  use<T>(work: (session: Session) => T | Promise<T>, options?: AcquireOptions): Promise<T>;

  /** Changes sizes, times and modes, all of them or on an error none. */
  reconfigure(changes: PoolChanges): Promise<void>;
  /** Never waits. */
  stats(): Stats;
  /** The statistics as text: `prometheus`, which is the default, or `json`. Never waits. */
  metrics(format?: 'prometheus' | 'json'): string;
  /** The latest events with a number above `after`; `last` is what to give as `after` next time. Never waits. */
  events(after?: number): { events: PoolEvent[]; last: number };

  /** Gives this handle up; the last one closes the pool. */
  close(options?: CloseOptions): Promise<void>;
  /** As `close`, and the event loop stands still for as long as that takes. */
  closeSync(options?: CloseOptions): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A session on loan. Calls of one session are made one after the other, in the order in which they were asked for. What
 * gives its result at once can not be called while one of them is under way.
 */
export declare class Session {
  private constructor();
  /** Null in a session callback. */
  readonly pool: Pool | null;
  /** Whether the session has the state that was asked for. */
  readonly found: boolean;
  /** The tag that the get returned. */
  readonly acquiredTag: Buffer | null;
  /** A warning of the get: the pool was made larger than its maximum (24417), a password will expire (28002); else null. */
  readonly warning: OraPoolError | null;
  /** What the session says of its state; null if it is untagged. Throws if it is no UTF-8. */
  readonly tag: string | null;
  readonly tagBytes: Buffer | null;
  /** Whether nobody has had the session before. */
  readonly isNew: boolean;
  setTag(tag: Tag | null, options?: TagOptions): void;

  identity(): Promise<Identity>;
  identitySync(): Identity;
  /** Runs one statement; the number of rows that it changed, or, of a query, had. Binds are by position. */
  execute(sql: string, binds?: readonly Bind[], options?: SignalOptions): Promise<number>;
  executeSync(sql: string, binds?: readonly Bind[]): number;
  /** Runs a query and fetches all of its rows. */
  query(sql: string, binds: readonly Bind[] | undefined, options: QueryOptions & { rows: 'objects' }): Promise<RowObject[]>;
  query(sql: string, binds?: readonly Bind[], options?: QueryOptions): Promise<Row[]>;
  querySync(sql: string, binds: readonly Bind[] | undefined, options: QueryOptions & { rows: 'objects' }): RowObject[];
  querySync(sql: string, binds?: readonly Bind[], options?: QueryOptions): Row[];
  prepare(sql: string, options: QueryOptions & { rows: 'objects' }): Promise<Statement<RowObject>>;
  prepare(sql: string, options?: QueryOptions): Promise<Statement<Row>>;
  prepareSync(sql: string, options: QueryOptions & { rows: 'objects' }): Statement<RowObject>;
  prepareSync(sql: string, options?: QueryOptions): Statement<Row>;
  commit(): Promise<void>;
  commitSync(): void;
  rollback(): Promise<void>;
  rollbackSync(): void;
  ping(): Promise<void>;
  pingSync(): void;
  /** Breaks the call that is under way: it fails with 1013. At any time. */
  break(): void;
  /** Limits each later call of this loan, in milliseconds; 0 or -1: no limit. What takes longer fails with 3136. */
  setCallTimeout(milliseconds: number): void;
  /** The driver's own handle, a {@link NATIVE}; its address. */
  native(kind: number): bigint;

  /** DRCP: whether a pooled server is attached, and by what. `none`: the session has a server of its own. */
  readonly drcpState: 'none' | 'detached' | 'attachedImplicit' | 'attachedExplicit';
  readonly drcpEnabled: boolean;
  readonly drcpMultitagEnabled: boolean;
  /** The tag that the session of the last attached server came with. */
  readonly drcpReturnTag: string | null;
  readonly needToPurgeStatementCache: boolean;
  /** Attaches a pooled server, at once if there is a tag. True if it has the tag. */
  attach(tag?: Tag | null): Promise<boolean>;
  /** Gives the pooled server back while the loan goes on. */
  detach(tag?: Tag | null): Promise<void>;

  /** Gives the session back. An open transaction is rolled back. After a bad tag (24488) it is still on loan. */
  release(options?: ReleaseOptions): Promise<void>;
  /** As `release`; the event loop waits if a transaction has to be rolled back. */
  releaseSync(options?: ReleaseOptions): void;
  [Symbol.asyncDispose](): Promise<void>;
  [Symbol.dispose](): void;
}

/** A statement of a session. It ends with the loan. */
export declare class Statement<R = Row> {
  private constructor();
  readonly session: Session;
  /** After the execution of a query. */
  readonly columnNames: string[];
  /** Binds one value, for all executions until it is bound anew; positions count from 1. */
  bind(position: number, value: Bind): this;
  /** The number of rows that were changed. May be repeated. */
  execute(binds?: readonly Bind[], options?: SignalOptions): Promise<number>;
  executeSync(binds?: readonly Bind[]): number;
  /** The next row; null after the last. */
  fetch(options?: SignalOptions): Promise<R | null>;
  fetchSync(): R | null;
  fetchAll(options?: SignalOptions): Promise<R[]>;
  fetchAllSync(): R[];
  [Symbol.asyncIterator](): AsyncGenerator<R, void, undefined>;
  free(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An error or a warning of the pool or of the database. Causes stand in `cause`, one behind the other. */
export declare class OraPoolError extends Error {
  /** One of {@link STATUS}. */
  readonly status: number;
  /** Its name, such as `ORAPOOL_TIMEOUT`. */
  readonly statusName: string;
  /** The ORA number, 24496 for ORA-24496; 0 where there is none. */
  readonly code: number;
  /** The same call may succeed later or on another session. */
  readonly transient: boolean;
  /** The session that met this error is of no more use. */
  readonly sessionDead: boolean;
  readonly cause?: unknown;
}

export declare const STATUS: Readonly<{
  SUCCESS: 0; SUCCESS_WITH_INFO: 1; PENDING: 2; NO_DATA: 100; ERROR: -1; INVALID_HANDLE: -2; INVALID_ARGUMENT: -3; TIMEOUT: -4;
  CLOSED: -5; UNSUPPORTED: -6; CONFLICT: -7; CALLBACK_FAILED: -8; FORKED: -9; CANCELLED: -10; PANIC: -99;
}>;
export declare const SESSGET: Readonly<{ MATCHANY: 0x20; PURITY_NEW: 0x40; PURITY_SELF: 0x80; MULTIPROPERTY_TAG: 0x400 }>;
export declare const SESSRLS: Readonly<{ DROPSESS: 1; RETAG: 2; MULTIPROPERTY_TAG: 4 }>;
export declare const NATIVE: Readonly<{ OCI_SVCCTX: 3; OCI_ENV: 5; OCI_SERVER: 6; OCI_SESSION: 7 }>;

/** Whether a pool, here or in another runtime, may still call this function as its session callback. */
export declare function isSessionCallbackInUse(callback: SessionCallback): boolean;
/** Two runtimes of a process that see the same number share their pools. */
export declare function instanceId(): bigint;
/** The version of the library that was loaded, such as `0.1.0`. */
export declare const libraryVersion: string;
/** The file that it was loaded from. */
export declare const libraryFile: string;
