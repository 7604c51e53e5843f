"""The rules that the cases of module dialplan translate by, in a database file of each case's own."""
from harness.database import make_database

RULES = r"""
create table version (table_name varchar(32), table_version integer);
create table dialplan (id integer primary key not null, dpid integer not null, pr integer not null, match_op integer not null,
  match_exp varchar(64) not null, match_len integer not null, subst_exp varchar(64) not null, repl_exp varchar(256) not null,
  attrs varchar(64) not null);
insert into version values ('dialplan', 2);
insert into dialplan (dpid, pr, match_op, match_exp, match_len, subst_exp, repl_exp, attrs) values
  (1, 1, 0, 'equal', 0, '', '', 'a-equal'),
  (1, 1, 1, '^0[1-9][0-9]+$', 10, '^0([1-9][0-9]+)$', '0049\1', 'de'),
  (1, 2, 1, '^0[1-9][0-9]+$', 0, '^0(.+)$', 'short\1', 'xx'),
  (1, 1, 2, 'glob-*', 0, '', '', 'a-glob'),
  (1, 5, 0, 'prio', 0, '', 'p5', 'a5'),
  (1, 3, 0, 'prio', 0, '', 'p3', 'a3'),
  (1, 4, 0, 'prio', 0, '', 'p4', 'a4'),
  (1, 1, 0, 'same', 0, '', 'first', 'f'),
  (1, 1, 0, 'same', 0, '', 'second', 's'),
  (1, 1, 0, 'nosubst', 0, '', 'text\0', 'n'),
  (1, 1, 1, 'norepl', 0, 'norepl', '', 'nr'),
  (1, 1, 0, 'substnomatch', 0, '^zzz$', 'zzz', 'first'),
  (1, 2, 0, 'substnomatch', 0, '', 'second', 'second'),
  (1, 1, 0, 'onlymatch', 0, '^zzz$', '', 'attr-only'),
  (1, 1, 1, 'part', 0, 'a(r)', '<\0\1>', 'p'),
  (1, 1, 1, '^groups-', 0, '(a)(b)(c)', '\3\2\1-\0', 'g'),
  (1, 1, 1, '^pv-', 0, 'pv-(.)', '$var(p)\1$rm', 'pv'),
  (1, 1, 0, 'esc', 0, '(e)(s)', '\\1', 'e'),
  (1, 1, 0, 'esc2', 0, '(e)(s)', '\a\1\', 'e2'),
  (1, 1, 0, 'esc3', 0, '(e)(s)', '\10\1', 'e3'),
  (1, 1, 0, 'escs', 0, '(e)', 'a\tb\\c\1\$var(p)', 't'),
  (1, 1, 0, 'optional', 0, '(o)(x)?(p)', '[\2][\3]', 'op'),
  (1, 1, 0, 'noattrs', 0, '', 'x', ''),
  (1, 1, 0, 'attrpv', 0, '', 'x', 'at $var(p)'),
  (1, 1, 1, 'len', 5, '', 'five', '5'),
  (1, 1, 1, '^len5', 4, '', 'four', '4'),
  (1, 2, 0, 'pri', 3, '', 'len', 'al'),
  (1, 1, 0, 'pri', 0, '', 'nolen', 'an'),
  (1, 1, 0, 'empty', 0, '', '', ''),
  (1, 1, 2, 'globcase*', 0, '', 'slash', 'sl'),
  (1, 1, 2, '*glob', 0, '', 'dot', 'dot'),
  (1, 1, 2, 'cl[[:digit:]][!a-c]', 0, '', 'class', 'cl'),
  (1, 1, 0, 'equal-subst', 0, '^equal-(.*)$', '>\1<', 'es'),
  (1, 1, 1, '(?i)CASE-i', 0, '', 'ci', 'ci'),
  (1, 1, 1, '(?<=look)ahead', 0, '', 'la', 'la'),
  (1, 1, 0, 'litpv', 0, '', '$var(p)-$rm', 'pv'),
  (1, 1, 0, 'dollar', 0, '', 'a$$b\$c', 't'),
  (1, 1, 0, 'emptyout', 0, 'x?', '\0', 't'),
  (1, 1, 1, '^anch$', 0, 'n(c)h', '\1', 't'),
  (1, 1, 0, 'int', 0, '', 'x', 't'),
  (1, 1, 0, '42', 0, '4', 'four', 'a42'),
  (2, 3, 2, 'a*', 4, '^a', 'b', 'attr 2'),
  (2, 1, 1, '^z.*$', 0, '^z(.*)', 'y\1', 'attr 1'),
  (2, 2, 0, 'seven77', 7, '', '7', ''),
  (2, 2, 0, 'ab', 2, '', '2', ''),
  (3, 1, 1, '^dyn-$var(p)$', 0, '^dyn-($var(p))$', '<\1>', 'dyn'),
  (3, 1, 0, 'eq-$var(p)', 0, '', 'eq', 'eq'),
  (3, 1, 2, 'gl-$var(p)-*', 0, '', 'gl', 'gl'),
  (3, 1, 1, '^sub-', 0, '^sub-($var(p))-1', '[\1]', 'sub'),
  (4, 1, 0, 'bob', 0, '^(b)', 'x\1y', 'abob'),
  (4, 1, 0, 'toru', 0, '(.*)', 'sip:new-\1@n.test', 'atoru'),
  (4, 1, 0, 'b%6fb', 0, '', 'esc', 't'),
  (4, 1, 0, 'noattr', 0, '', 'x', ''),
  (4, 1, 0, 'emptyout', 0, 'x?', '\0', 't'),
  (4, 1, 0, 'norepl', 0, '', '', 'anr'),
  (4, 1, 0, '42', 0, '4', 'four', 'a42');
"""


def make_table(name):
    """Makes /tmp/apus-conformance-NAME.db, anew when there is one."""
    make_database(name, RULES)
