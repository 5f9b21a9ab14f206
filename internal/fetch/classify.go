package fetch

import "net/netip"

// Class is what kind of address an address is.
type Class string

// The classes. Only a public address is fetched from without being allowed.
const (
	Public      Class = "public"
	Loopback    Class = "loopback"
	Private     Class = "private"
	LinkLocal   Class = "link-local"
	Shared      Class = "shared" // between a carrier's customers, RFC 6598
	Multicast   Class = "multicast"
	Unspecified Class = "unspecified"
	Example     Class = "documentation or benchmark"
	Reserved    Class = "reserved"
)

// special are the ranges of IANA's special-purpose registries that are not
// reached over the internet, the narrower before the wider.
var special = []struct {
	prefix netip.Prefix
	class  Class
}{
	{netip.MustParsePrefix("0.0.0.0/32"), Unspecified},
	{netip.MustParsePrefix("0.0.0.0/8"), Reserved},
	{netip.MustParsePrefix("10.0.0.0/8"), Private},
	{netip.MustParsePrefix("100.64.0.0/10"), Shared},
	{netip.MustParsePrefix("127.0.0.0/8"), Loopback},
	{netip.MustParsePrefix("169.254.0.0/16"), LinkLocal},
	{netip.MustParsePrefix("172.16.0.0/12"), Private},
	{netip.MustParsePrefix("192.0.2.0/24"), Example},
	{netip.MustParsePrefix("192.0.0.0/24"), Reserved},
	{netip.MustParsePrefix("192.88.99.0/24"), Reserved},
	{netip.MustParsePrefix("192.168.0.0/16"), Private},
	{netip.MustParsePrefix("198.18.0.0/15"), Example},
	{netip.MustParsePrefix("198.51.100.0/24"), Example},
	{netip.MustParsePrefix("203.0.113.0/24"), Example},
	{netip.MustParsePrefix("224.0.0.0/4"), Multicast},
	{netip.MustParsePrefix("240.0.0.0/4"), Reserved},

	{netip.MustParsePrefix("::/128"), Unspecified},
	{netip.MustParsePrefix("::1/128"), Loopback},
	{netip.MustParsePrefix("64:ff9b:1::/48"), Private}, // NAT64 of a network's own
	{netip.MustParsePrefix("2001:2::/48"), Example},
	{netip.MustParsePrefix("2001:db8::/32"), Example},
	{netip.MustParsePrefix("2001::/23"), Reserved}, // Teredo and other protocols
	{netip.MustParsePrefix("3fff::/20"), Example},
	{netip.MustParsePrefix("fc00::/7"), Private},
	{netip.MustParsePrefix("fe80::/10"), LinkLocal},
	{netip.MustParsePrefix("fec0::/10"), Private}, // site-local, as it once was
	{netip.MustParsePrefix("ff00::/8"), Multicast},
}

var (
	global = netip.MustParsePrefix("2000::/3")
	// An IPv4 address is in the last four bytes of these.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	// And in the third to sixth byte of these.
	sixToFour = netip.MustParsePrefix("2002::/16")
)

// Classify says what kind of address an address is. An IPv4 address written
// inside an IPv6 one is what it is inside.
func Classify(a netip.Addr) Class {
	if !a.IsValid() {
		return Reserved
	}
	a = a.Unmap().WithZone("")
	for _, s := range special {
		if s.prefix.Contains(a) {
			return s.class
		}
	}
	b := a.As16()
	switch {
	case a.Is4():
		return Public
	case nat64.Contains(a):
		return Classify(netip.AddrFrom4([4]byte(b[12:16])))
	case sixToFour.Contains(a):
		return Classify(netip.AddrFrom4([4]byte(b[2:6])))
	case global.Contains(a):
		return Public
	default:
		return Reserved // not given out by IANA
	}
}
