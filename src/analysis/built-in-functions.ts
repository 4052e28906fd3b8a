/** Functions of Postgres that are usual in schemas, and which of them answer anew for every row. */

import { type Body, descendants, stringsOf, words } from './tree.ts';

/** Volatile: a new column with such a default has another value in every row. */
const VOLATILE = new Set(
  `clock_timestamp gen_random_uuid nextval random random_normal timeofday uuidv4 uuidv7
  currval lastval setval`.split(/\s+/),
);

/** Volatile, of extensions that everybody installs under these names. */
const VOLATILE_ELSEWHERE = new Set(
  'uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_salt gen_random_bytes'.split(' '),
);

/** The same for all rows of a statement, or the same for the same arguments. */
const STEADY = new Set(
  `abs age array_agg array_append array_cat array_dims array_length array_lower array_ndims
  array_position array_positions array_prepend array_remove array_replace array_to_json
  array_to_string array_upper ascii avg bit_length bool_and bool_or btrim cardinality cbrt ceil
  ceiling char_length character_length chr col_description concat concat_ws convert convert_from
  convert_to count current_database current_schema current_schemas current_setting current_user
  date date_bin date_part date_trunc daterange decode degrees dense_rank div encode every exp
  extract factorial first_value floor format format_type generate_series generate_subscripts
  get_bit get_byte hashtext host initcap int4range int8range isempty isfinite json_agg
  json_array_elements json_array_elements_text json_array_length json_build_array
  json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object
  json_object_agg json_object_keys json_strip_nulls json_typeof jsonb_agg jsonb_array_elements
  jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
  jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
  jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_path_query_array
  jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record
  jsonb_to_recordset jsonb_typeof json_populate_record jsonb_populate_record justify_days
  justify_hours justify_interval lag last_value lead left length like_escape ln log lower
  lower_inf lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz max md5
  min mod mode normalize now ntile numrange obj_description octet_length overlay pg_backend_pid pg_current_xact_id
  pg_get_constraintdef pg_get_expr pg_get_indexdef pg_get_serial_sequence pg_get_viewdef
   pg_table_is_visible pg_typeof phraseto_tsquery pi plainto_tsquery position pow
  power quote_ident quote_literal quote_nullable radians range_merge rank regexp_count
  regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
  regexp_split_to_table regexp_substr repeat replace reverse right round row_number row_to_json
  rpad rtrim session_user set_bit set_byte setweight sha224 sha256 sha384 sha512 shobj_description
  sign similar_to_escape split_part sqrt starts_with statement_timestamp stddev string_agg
  string_to_array string_to_table strip strpos substr substring sum tan timezone to_char to_date
  to_hex to_json to_jsonb to_number to_regclass to_regtype to_timestamp to_tsquery to_tsvector
  transaction_timestamp translate trim_array txid_current trim_scale trunc ts_headline ts_rank tsrange
  tstzrange unistr unnest upper upper_inf variance version websearch_to_tsquery width_bucket
  xmlagg`.split(/\s+/),
);

/** Volatile, and yet without an effect on tables. */
const HARMLESS = new Set(
  `pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_shared
  pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_is_in_recovery pg_notify pg_sleep pg_try_advisory_lock
  pg_try_advisory_xact_lock set_config setseed`.split(/\s+/),
);

/**
 * How steady a value is. `steady`: one value for all rows that there are · `volatile`: one of its own
 * for each · `unknown`: that depends on a function that only the catalog knows.
 */
export type Volatility = 'steady' | 'volatile' | 'unknown';

/** How steady an expression is, and the function that decided it. */
export function volatilityOf(expression: unknown): {
  readonly volatility: Volatility;
  readonly because: string | undefined;
} {
  const calls = callsOf(expression);
  const volatile = calls.find(
    (name) => VOLATILE.has(builtIn(name)) || VOLATILE_ELSEWHERE.has(last(name)),
  );
  if (volatile !== undefined) return { volatility: 'volatile', because: words(volatile) };
  const other = calls.find((name) => !STEADY.has(builtIn(name)));
  if (other !== undefined) return { volatility: 'unknown', because: words(other) };
  return { volatility: 'steady', because: undefined };
}

/** Whether a function is called that may do anything to any table. */
export function callsUnknownFunction(value: unknown): boolean {
  return callsOf(value).some((name) => {
    const known = builtIn(name);
    const isKnown = STEADY.has(known) || VOLATILE.has(known) || HARMLESS.has(known);
    return !isKnown && !VOLATILE_ELSEWHERE.has(last(name));
  });
}

/** Names of the functions that this file takes to be steady and volatile, to be held against a server. */
export const KNOWN_FUNCTIONS: {
  readonly steady: ReadonlySet<string>;
  readonly volatile: ReadonlySet<string>;
} = { steady: STEADY, volatile: new Set([...VOLATILE, ...HARMLESS]) };

function callsOf(value: unknown): string[][] {
  return descendants(value, 'FuncCall').map((call: Body<'FuncCall'>) => stringsOf(call.funcname));
}

function builtIn(name: readonly string[]): string {
  const isBuiltIn = name.length === 1 || name[0] === 'pg_catalog';
  return isBuiltIn ? last(name) : '';
}

function last(name: readonly string[]): string {
  return name.at(-1) ?? '';
}
