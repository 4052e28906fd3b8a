/** What errors of servers and sockets mean. */

import { describe, expect, it } from 'vitest';
import { databaseErrorFields, isConnectionLoss, sqlState } from '../../../src/postgres/errors.ts';

const server = (code: string, fields: object = {}) =>
  Object.assign(new Error('message'), { severity: 'ERROR', code, ...fields });
const system = (code: string) => Object.assign(new Error('message'), { code });

describe('sqlState', () => {
  it('is the code of a server error', () => {
    expect(sqlState(server('42P01'))).toBe('42P01');
  });

  it('is not the code of a socket, however much it looks like one', () => {
    expect(sqlState(system('EPIPE'))).toBeUndefined();
    expect(sqlState('42P01')).toBeUndefined();
  });
});

describe('databaseErrorFields', () => {
  it('are plain data with the position as a number', () => {
    const error = server('42601', { position: '8', detail: 'd', routine: 'scanner_yyerror' });
    expect(databaseErrorFields(error)).toEqual({
      severity: 'ERROR',
      sqlState: '42601',
      message: 'message',
      position: 8,
      detail: 'd',
      hint: undefined,
      internalQuery: undefined,
      where: undefined,
      schema: undefined,
      table: undefined,
      column: undefined,
      constraint: undefined,
    });
  });

  it('are only the message when no server spoke', () => {
    expect(databaseErrorFields(system('EPIPE'))).toMatchObject({
      sqlState: undefined,
      message: 'message',
    });
  });
});

describe('isConnectionLoss', () => {
  it.each([
    ['a reset socket', system('ECONNRESET')],
    ['a broken pipe', system('EPIPE')],
    ['an ended stream', new Error('Connection terminated unexpectedly')],
    [
      'a client that lost its socket before',
      new Error('Client has encountered a connection error and is not queryable'),
    ],
    ['an administrator', server('57P01')],
    ['an idle limit, in any language', server('25P03', { severity: 'FATALE' })],
    ['anything fatal', server('XX000', { severity: 'FATAL' })],
  ])('is true for %s', (_, error) => {
    expect(isConnectionLoss(error)).toBe(true);
  });

  it.each([
    ['a failed statement', server('42P01')],
    ['a cancelled statement', server('57014')],
    ['a read-only transaction', server('25006')],
    ['some other error', new Error('Connection pool is a nice thing')],
    ['something that is no error', 'ECONNRESET'],
  ])('is false for %s', (_, error) => {
    expect(isConnectionLoss(error)).toBe(false);
  });
});
