import { defineRevision } from 'slipway';

const ROWS_AT_ONCE = 1000;
/** What has no place in a phone number, as Postgres writes patterns. */
const UNTIDY = '[^0-9+]|.[+]';

/** Digits and a leading plus: the form that every dialler takes. */
function tidy(phone: string): string {
  return phone.replace(/(?!^\+)\D/g, '');
}

interface Customer {
  /** A bigint, which Postgres' driver gives as text. */
  readonly id: string;
  readonly phone: string;
}

export default defineRevision({
  revision: 'f2d86b13a07c',
  revises: 'c71be58f04d6',
  description: 'Tidy phone numbers',
  phase: 'expand',
  compatible: { verdict: 'yes', reason: 'the same numbers, with less punctuation' },

  async up(db) {
    let last = '0';
    for (;;) {
      const { rows } = await db.query<Customer>(
        `select id, phone from customers
         where id > $1 and phone ~ $2
         order by id
         limit $3`,
        [last, UNTIDY, ROWS_AT_ONCE],
      );
      const end = rows.at(-1);
      if (end === undefined) return;
      await db.query(
        `update customers set phone = tidied.phone
         from unnest($1::bigint[], $2::text[]) as tidied (id, phone)
         where customers.id = tidied.id`,
        [rows.map((row) => row.id), rows.map((row) => tidy(row.phone))],
      );
      last = end.id;
    }
  },

  async verify(db) {
    const { rowCount } = await db.query('select from customers where phone ~ $1 limit 1', [UNTIDY]);
    return rowCount === 0;
  },

  // The numbers mean what they meant: the release before can live with them as they are.
  async down() {},
});
