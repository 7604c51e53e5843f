import Bytes

extension ByteString {
    /// With ASCII letters in lower case.
    var lowercased: ByteString { ByteString(self.bytes.map(\.lowercased)) }
}
