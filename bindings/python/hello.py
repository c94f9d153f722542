import orapool

with orapool.Pool.create(connect_string="embedded:demo", user="scott", password="tiger") as pool:
    with pool.acquire() as session:
        print(session.query_one("select 'Hello, ' || user from dual"))
