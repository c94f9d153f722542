// The same package from CommonJS; it is checked and not run.
import orapool = require('orapool');

export async function program(): Promise<string | null> {
  const pool: orapool.Pool = await orapool.Pool.create({ connectString: 'embedded:demo', user: 'scott', password: 'tiger' });
  const session: orapool.Session = await pool.acquire();
  await session.release({ tag: null });
  await pool.close();
  return session.tag;
}
