import Bytes
import HTTPTransfer
import ModuleKit

extension HTTPClient {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "curlerror", inner: .required, summary: "`$curlerror(7)`: what a number below 100 means, as text.",
                bind: { name, _ in
                    VariableAccess(read: { route, _ in
                        let text = name.resolve(in: route)
                        guard let code = Int(text.string) else { return .null }
                        return .text(HTTPLibrary.text(of: code))
                    })
                }
            ),
            ScriptVariable(
                "httprhdr", inner: .required,
                summary: "`$httprhdr(name)`: a header field of the last answer, when those are kept.",
                bind: { name, _ in
                    VariableAccess(read: { route, _ in
                        let values = route.state(QueryMemory.self)?.last?.values(of: name.resolve(in: route))
                        return values?.first.map { .bytes($0) } ?? .null
                    })
                }
            ),
        ]
    }
}
