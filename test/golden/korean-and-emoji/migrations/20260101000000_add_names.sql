-- slipway:revision 0000000000d4
-- 고객 이름 추가 🎉

-- slipway:up
create table 고객 (id bigint primary key, 이름 text);
insert into 고객 values (1, '홍길동 🎉'), (2, '이름'), (3, missing_column);

-- slipway:down
drop table 고객;
