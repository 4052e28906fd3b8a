-- slipway:revision 0000000000b2
-- slipway:revises 0000000000a1
-- Add customers and invoices

-- slipway:up
create table customers (id bigint primary key);
alter table orders add colum customer bigint references customers (id);

create table invoice_01 (id bigint primary key);

create table invoice_02 (id bigint primary key);

create table invoice_03 (id bigint primary key);

create table invoice_04 (id bigint primary key);

create table invoice_05 (id bigint primary key);

create table invoice_06 (id bigint primary key);

create table invoice_07 (id bigint primary key);

create table invoice_08 (id bigint primary key);

create table invoice_09 (id bigint primary key);

create table invoice_10 (id bigint primary key);

create table invoice_11 (id bigint primary key);

-- slipway:down
drop table invoice_11;
drop table invoice_10;
drop table invoice_09;
drop table invoice_08;
drop table invoice_07;
drop table invoice_06;
drop table invoice_05;
alter table orders drop column customer;
drop table customers;
