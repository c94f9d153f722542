"""What Python does in lesson 10, with the pool that the C program created."""

import orapool


def work(name, instance, wanted, language):
    with orapool.Pool.open(name) as pool:
        session = pool.get(wanted, multi_property=True)
        # Not `with`: that would give the session back with the tag that it has.
        sid = session.identity.sid
        state = session.query_one("select sys_context('userenv', 'lang') from dual")
        print(
            f"  Python: instance {orapool.instance_id()}, session {sid}, wanted {wanted},"
            f" found {int(session.found)}, its language is {state[0]}",
            flush=True,
        )
        if orapool.instance_id() != instance:
            raise SystemError("Python has loaded another copy of the library")
        if not session.found:
            raise SystemError(f"nobody left a session tagged {wanted}")
        session.execute(f"alter session set nls_language = '{language}'")
        session.release({"LANGUAGE": language})


def meet_the_limit(name):
    with orapool.Pool.open(name) as pool:
        try:
            pool.get(get_mode=orapool.GetMode.NOWAIT).release()
        except orapool.PoolTimeout as refusal:
            print(f"  Python: {refusal}", flush=True)
        else:
            raise SystemError("Python got a session that the pool should not have had")
