package fetch

import (
	"net/netip"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Class{
		"8.8.8.8": Public, "1.1.1.1": Public, "100.63.255.255": Public, "100.128.0.0": Public,
		"172.15.255.255": Public, "172.32.0.0": Public, "192.169.0.1": Public, "223.255.255.255": Public,
		"2606:4700::1111": Public, "2a00:1450::1": Public,

		"127.0.0.1": Loopback, "127.255.255.254": Loopback, "::1": Loopback,
		"10.0.0.1": Private, "172.16.0.1": Private, "172.31.255.255": Private, "192.168.1.1": Private,
		"fc00::1": Private, "fd12:3456::1": Private, "fec0::1": Private,
		"169.254.169.254": LinkLocal, "fe80::1": LinkLocal, "fe80::1%eth0": LinkLocal, "febf::1": LinkLocal,
		"100.64.0.1": Shared, "100.127.255.255": Shared,
		"224.0.0.1": Multicast, "239.255.255.255": Multicast, "ff02::1": Multicast, "ff02::1%1": Multicast,
		"0.0.0.0": Unspecified, "::": Unspecified,
		"192.0.2.1": Example, "198.51.100.1": Example, "203.0.113.1": Example, "198.18.0.1": Example,
		"198.19.255.255": Example, "2001:db8::1": Example, "3fff::1": Example, "2001:2::1": Example,
		"0.1.2.3": Reserved, "192.0.0.8": Reserved, "192.88.99.1": Reserved, "240.0.0.1": Reserved,
		"255.255.255.255": Reserved, "2001::1": Reserved, "2001:0:1234::1": Reserved, "100::1": Reserved,
		"4000::1": Reserved, "::8.8.8.8": Reserved, "::127.0.0.1": Reserved, "5f00::1": Reserved,

		"::ffff:8.8.8.8": Public, "::ffff:127.0.0.1": Loopback, "::ffff:10.1.2.3": Private,
		"::ffff:169.254.169.254": LinkLocal, "::ffff:0.0.0.0": Unspecified,
		"64:ff9b::8.8.8.8": Public, "64:ff9b::127.0.0.1": Loopback, "64:ff9b::10.1.2.3": Private,
		"64:ff9b::a9fe:a9fe": LinkLocal, "64:ff9b:1::1": Private, "64:ff9b:2::1": Reserved,
		"2002:808:808::1": Public, "2002:7f00:1::1": Loopback, "2002:a01:203::1": Private, "2002:a9fe:a9fe::1": LinkLocal,
	} {
		if got := Classify(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is %q, not %q", text, got, want)
		}
	}
	if got := Classify(netip.Addr{}); got != Reserved {
		t.Errorf("no address is %q", got)
	}
}

func FuzzClassify(f *testing.F) {
	for _, s := range []string{"8.8.8.8", "127.0.0.1", "::1", "fe80::1%eth0", "64:ff9b::1.2.3.4", "2002:7f00:1::"} {
		a := netip.MustParseAddr(s)
		f.Add(a.AsSlice())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		class := Classify(a)
		u := a.Unmap()
		special := u.IsLoopback() || u.IsPrivate() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified()
		if class == Public && (special || !u.IsGlobalUnicast()) {
			t.Errorf("%v is public", a)
		}
		if !a.Is4() {
			return
		}
		// However an IPv4 address is dressed up, it is the same.
		v4 := a.As4()
		mapped := netip.AddrFrom16(a.As16())
		six := [16]byte{0x20, 0x02, v4[0], v4[1], v4[2], v4[3], 15: 1}
		nat := [16]byte{0, 0x64, 0xff, 0x9b, 12: v4[0], 13: v4[1], 14: v4[2], 15: v4[3]}
		for _, dressed := range []netip.Addr{mapped, mapped.WithZone("eth0"), netip.AddrFrom16(six), netip.AddrFrom16(nat)} {
			if got := Classify(dressed); got != class {
				t.Errorf("%v is %q, but %v is %q", a, class, dressed, got)
			}
		}
	})
}
