/** What the programs of a backup get of slipway's own environment. */

type Environment = { readonly [name: string]: string | undefined };

/** How the database is reached is nothing that an upload needs to know. */
const HIDDEN = ['DATABASE_URL', 'SLIPWAY_DIRECT_URL', 'PGPASSWORD'];

/** For the command that reads the dump. */
export function environmentOfCommand(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !HIDDEN.includes(name)));
}

/** How pg_dump connects is said by `libpqEnvironment` alone, whatever is set elsewhere. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'PGPASSFILE', 'PGSYSCONFDIR'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'OPENSSL_CONF'],
];

/** For pg_dump. */
export function environmentOfDump(env: Environment): Environment {
  return Object.fromEntries(PASSED_ON.map((name) => [name, env[name]]));
}
