import Bytes
import ModuleKit

extension HTTPClient {
    public var commands: [RPCCommand] {
        [
            RPCCommand(
                "httpclient.listcon", returnsArray: true, "Lists the named HTTP connections; passwords are not shown."
            ) {
                [unowned self] _ throws(RPCFault) in
                self.connections.map { connection in
                    let options = connection.options
                    return .structure([
                        "NAME": .text(connection.name), "URL": .text(connection.url),
                        "USERNAME": .text(options.username), "FAILOVER": .text(connection.failover),
                        "USERAGENT": .text(options.userAgent),
                        "TIMEOUT_MS": .int(Int(connection.timeout.milliseconds)),
                        "MAXDATASIZE": .int(connection.bodyLimit),
                        "FOLLOW_REDIRECT": .int(options.followsRedirects ? 1 : 0),
                        "VERIFY_PEER": .int(options.verifiesPeer ? 1 : 0), "VERIFY_HOST": .int(options.verifiesHost),
                        "TLSVERSION": .int(options.tlsVersion), "CLIENT_CERT": .text(options.clientCertificate),
                        "CLIENT_KEY": .text(options.clientKey), "CIPHERSUITES": .text(options.cipherSuites),
                        "PROXY": .text(options.proxy), "PROXYPORT": .int(options.proxyPort),
                        "AUTHMETHOD": .int(options.authMethods),
                        "KEEP_CONNECTIONS": .int(options.keepsConnection ? 1 : 0),
                    ])
                }
            }
        ]
    }
}
