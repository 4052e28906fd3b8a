/** Forms on partitions. */

import type { FormFamily } from './form.ts';

const NO_INDEXES = 'its parent has no indexes';

/** Partitions. */
export const PARTITIONS: FormFamily = {
  title: 'Partitions',
  forms: [
    {
      title: 'attach a partition',
      sql: 'alter table logs attach partition logs_2 for values from (100) to (200)',
      idle: { 'build index logs_2': NO_INDEXES },
    },
    {
      title: 'attach a partition beside a default partition',
      sql: 'alter table events attach partition events_2 for values from (100) to (200)',
    },
    {
      title: 'attach a partition behind a valid check',
      sql: 'alter table logs attach partition logs_2 for values from (100) to (200)',
      setup: 'alter table logs_2 add check (id is not null and id >= 100 and id < 200)',
      idle: { 'scan logs_2': 'the check proves it', 'build index logs_2': NO_INDEXES },
    },
    {
      title: 'attach a partition beside a default partition behind a valid check',
      sql: 'alter table events attach partition events_2 for values from (100) to (200)',
      setup: 'alter table events_default add check (id is not null and id >= 200)',
      idle: { 'scan events_default': 'the check proves it' },
    },
    {
      title: 'attach a default partition',
      sql: 'alter table logs attach partition logs_2 default',
      idle: { 'build index logs_2': NO_INDEXES },
    },
    {
      title: 'attach a partition to a table with a foreign key',
      sql: 'alter table logs attach partition logs_2 for values from (100) to (200)',
      setup: 'truncate logs_2; alter table logs add foreign key (id) references orgs',
      idle: { 'build index logs_2': NO_INDEXES },
    },
    { title: 'detach a partition', sql: 'alter table logs detach partition logs_1' },
    {
      title: 'detach a partition beside a default partition',
      sql: 'alter table events detach partition events_1',
    },
    {
      title: 'detach a partition of a table with a foreign key',
      sql: 'alter table logs detach partition logs_1',
      setup: 'alter table logs add foreign key (id) references orgs',
    },
    {
      title: 'detach a partition concurrently',
      sql: 'alter table logs detach partition logs_1 concurrently',
      held: ['lock table logs in access share mode', 'lock table only logs_1 in access share mode'],
    },
    {
      title: 'attach an index of a partition',
      sql: 'alter index events_at attach partition events_1_at',
    },
    {
      title: 'create an index on a table with partitions',
      sql: 'create index x on logs (at)',
    },
    {
      title: 'create an index on the table alone',
      sql: 'create index x on only logs (at)',
      idle: { 'build index logs': 'the rows are in the partitions' },
    },
    { title: 'rename a table with partitions', sql: 'alter table events rename to x' },
  ],
};
