import Bytes

extension ByteString {
    /// With small letters in place of ASCII capitals.
    var lowercased: ByteString { ByteString(self.bytes.map(\.lowercased)) }
}
