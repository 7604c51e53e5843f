import Bytes
import Testing

@Suite("Passwords in texts that are shown")
struct URLSecretsTests {
    @Test(arguments: [
        ("mysql://kamailio:kamailiorw@localhost/kamailio", "mysql://kamailio:**********@localhost/kamailio"),
        (
            "modparam(\"x\", \"db_url\", \"mysql://a:b@h/d\") # x",
            "modparam(\"x\", \"db_url\", \"mysql://a:*@h/d\") # x"
        ),
        ("http://u:p@ss@h/ and http://v:w@i", "http://u:****@h/ and http://v:*@i"),
        ("sqlite:///var/lib/a:b@c.db", "sqlite:///var/lib/a:b@c.db"), ("mysql://u:a/b?c@h/d", "mysql://u:*****@h/d"),
        ("http://h:80/x and y@z", "http://h:80/x and y@z"),
        ("sip:a:b@c", "sip:a:b@c"), ("://", "://"), ("://:@", "://:@"), ("", ""), ("x://u@h", "x://u@h"),
    ])
    func `as many stars stand in place of the password`(text: String, shown: String) {
        #expect(URLSecrets.masked(text) == shown)
    }
}
