"""The lists that the cases of secfilter share, in a database of the case's own."""
from harness.database import make_database

LISTS = r"""
create table version (table_name varchar(32), table_version integer);
create table secfilter (id integer primary key not null, action smallint, type smallint, data varchar(64));
insert into version values ('secfilter', 1);
insert into secfilter (action, type, data) values (0, 0, 'friendly-scanner'), (0, 0, 'sipcli'), (0, 1, 'ps'),
  (0, 2, 'bad.example'), (0, 3, '5.56.57.'), (0, 4, 'sipvicious'), (1, 0, 'asterisk pbx'), (1, 2, 'good.example'),
  (1, 4, 'trusted'), (2, 0, '555123'), (1, 1, 'es'), (1, 3, '9.9.9.9'), (0, 4, 'Eve');
"""


def make_lists(name):
    """Makes /tmp/apus-conformance-NAME.db, anew when there is one."""
    make_database(name, LISTS)
