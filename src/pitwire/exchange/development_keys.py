"""The keys of the development accounts: fixed and published, like the accounts of a local chain node.

Anybody can sign with them, so an exchange that knows them may be reached from the machine it runs on, and from nowhere
else (`Gateway` refuses another address). They are in no way secret, and must never be used anywhere else.
"""

from typing import Final

from msgspec import Struct

from pitwire.protocol.signing import Key, KeyKind


class DevelopmentKey(Struct, frozen=True, kw_only=True):
    """An API key of a development account. HMAC keys have a `secret_key`, RSA and Ed25519 keys a `private_key_pem`."""

    account: int
    name: str
    kind: KeyKind
    api_key: str
    secret_key: str | None = None
    private_key_pem: str | None = None

    def signing_key(self) -> Key:
        """The key as a client needs it."""
        if self.kind is KeyKind.HMAC:
            return Key.hmac(self.api_key, self.secret_key or "")
        make = Key.rsa if self.kind is KeyKind.RSA else Key.ed25519
        return make(self.api_key, self.private_key_pem or "")


DEVELOPMENT_KEYS: Final[tuple[DevelopmentKey, ...]] = (
    DevelopmentKey(
        account=1,
        name="alice",
        kind=KeyKind.HMAC,
        api_key="aliceDevelopmentHmacfu6h7Pc1zThmp38pGLumeeISnewnqsNobS4hUC8otQLY",
        secret_key="WElkm1p4xcjXkLdYD6fgeeGuZJ7WPcrrUbHUtqLdPzzRh0b8vLnRSMR8IDDsGMfc",
    ),
    DevelopmentKey(
        account=1,
        name="alice",
        kind=KeyKind.RSA,
        api_key="aliceDevelopmentRsag0SPkmJrzFJ7tF9JBXgQla0a6orgZxtlwmApHMtcTlD2O",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCT1mBlxJ6BvyKG
EGlP5b0tk5Geq38qyWd71SxvCX4NUmEjq09mk66ZL/1yYfSNglQOuIHvg5ygDi79
sSSHiBXXZrfNQ9A/9UskMqBIVu6nIvnh7c4IguqYfu7BtdG/Ispfr7K9VgRuSiZj
Jlcy9tCgxSRTuGMRgJUzpOzefCwuqub+/lV5Z8hh6NDRLrTef/rPRAkTiye0ffdC
IpzNIIh4ZBUXck74zzTOIMSiAcKiXvTOLhIzmPphx19dzF4iZIhB+SKakxzIwQ35
fw/1+2tqe7e4DG6Mhgi7cdrzpp6rWq4HKZ1eGNlSW3GOneHuTD8g2QgtOV0IAU43
26cXsyKRAgMBAAECggEANE6hhOBwhM+v02dzG4XZzYps94sOT4E7UCE4u4DMTMJd
BFXUniKaoDDOp+3orTjzrNGzh581h5v9HF3U4u9Paws49TONN1P+5ivTckTv48sI
RtvxDinj/1jJ+VfvgoU4vWpY/4yzvKIXuvUR3UJexsN5+vU+eC7am487D+03ZLsh
mrCULUo2Eh1DHIov2tRrL8hRcmwpft7rF6JWsavilTTkH4ZtUqwLlfrKjzZo8BPL
84IUZ9BOAh7nRjm6eDRleY72udtySvAg4dqnDFPpJ81gSWZ1qiznhoHnJV/CHIn3
fhdTn6m0lgNsyRIJVufOGGB5+UIOXrqJIG+ZacFeEQKBgQDFFV3fqpIm1rlPkGN8
ztrL25c7N3NVT08TRm1v2HeMdbAzjH/t4ISmaXaEZ6jW+mKjvwJSzGE6GFlP6UsR
O4eMawmI25Audifw7SOemjMrrvL2Zd4RJ7g4+yFJ2QYsMjOYQKrUIhkJ0jb2HelA
RzGLdj48nrIuOX14eWLp9zG66wKBgQDACEAR2fsWH+HbUjkWLbc5D/zPVLj3Jc7R
t3apk8l741q0q7rna3mbT1pySLupkHCXdY6rM2jLKvLsu3Xa5smUIOaAFGT3WWqR
64G4YVukKEY0MlrjorBhtYYSSEHFqzrps8i8hvg2T1hAeutz2P5LnyN9rqHyyJZi
UbIVTRPBcwKBgQCRKTa2en0hrEBbsR8GG5oeUwRl8ma5rCuzJ8mNeuQ7CagZn9/O
RvONWtqXlX5PsaabsyGz+KOYVbza1huberxRGbmxGv9sqUyr8Q6uUCdmgnqkL83L
1vSiy53uNbKNNQC5oM/yZZcJm9MtnkRiOs3sSdB3d/AHigK3jLjlWVRAtwKBgQC3
j6te5RVkgrls4t3621xHSYcJ0Ry18wgN4+ekFccFi8CK75VL3apy0ZnNoMTyQ0W9
IfxsnknP25A2xsLTqsSJuiFb0SLqZii+r3Zif34QHwdsoa3L5xnfbJtqInPstc8s
0lRSElp138ambFlhdc0vEEHmw+W+pAtMlHc8cV8vDQKBgFle5w82fuoXjrBpjv8N
uUOQ9OEQ+C7+eu4i7dTjZnTAgyzpF/9qddOy93Sm3AqopVT9XOvuQ/Ab/7YBSCVd
p2sp+alEZERG1RzVqrUhbBuWtthLMHaglbkw/kHHQ5cWhCqYDs1EKfwPhtC8+ao1
9ZMzbLEl7Wp1JQQ13oMjCzLC
-----END PRIVATE KEY-----
""",
    ),
    DevelopmentKey(
        account=1,
        name="alice",
        kind=KeyKind.ED25519,
        api_key="aliceDevelopmentEd25519IKDlk2Bl6FFFEmZtuEQ1TbhrFSMWJ59R9QGlo4NNP",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAZzhRQiD15AUSbvmoRyP/IUdiYI7CVEiUz1ExH/60+p
-----END PRIVATE KEY-----
""",
    ),
    DevelopmentKey(
        account=2,
        name="bob",
        kind=KeyKind.HMAC,
        api_key="bobDevelopmentHmacaX3ZTkHLBMECCruolSNasdzWycoiT0xpbLCmnNf9urCQeF",
        secret_key="ChkGJ2sECFPu1qPzGVnCcegdONLQAKpCI6s8zpx5raDqHU1BCiYe3msHg56hLhYG",
    ),
    DevelopmentKey(
        account=2,
        name="bob",
        kind=KeyKind.RSA,
        api_key="bobDevelopmentRsaB2IS9lTSka0G3vU6YXF8Fj74LXNFp8lnV7Ktu064BAAqhwM",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCuWzC0ASWlrkCY
5XVL3K/gvGNYLtJdLlHlq/9hOEr3Fe64zzcFCojpAGT6ONJQJlq+oNZV4RW03aRI
qPhmhAeoaxgsP6iewojQceM8eUeE0spgUh40MGPza6buBV+zEF7eHQ/toOaGywCz
MIvFcIDe1pdtpxwMEIoYeY+TCiCuDHV4OQ9BSwMtEX+SZbhNai4/jgdA/wz3ACrh
4jFnNf6ryEnbHo6FB+ElaY2lYIDH8J+/WO8k/Zgy8csXgT0ArQXDB5GUiZ59XaDR
Hzv8vcraaZIgot/AVIxLf+Gn37RxbUkV3aKjfq3cJGmNby8wuHkuoBUrSiLrBK8u
BQKOPLS9AgMBAAECggEAD8Sxf+YGqJg8wVcnJ4g648FF3sjFP6YbxACtJPa5WOVD
5LTgzfTo8uGVQEf5RURiupDDMZsconHVFLkrVeIk6ydcVUwgjNMdGnTiTyrMvAdw
RAvJLYEe2Pnoa+hSglg9rCrGsP/3OUOMuafvTBjjnsObiFAvqiuowZPk1zB4SiUy
EwrrvUcgT12nHxJ00BRjbTFhS7UW2NRCwywXWd8RwzH2Dplot6e6Bef8RkNfi2GM
5dYmoXtWC09rbpczleuBbIhbms3YzxjhwzofS8y/e6hHTNrLZVJNBO0J9zR3x1A/
zj4lV+vnwGkIZloW+VqT38Ilv5vLYTd9hsPoSTLKZQKBgQDZ4losOpOjZuilcb44
6N55Qr2Qqq+D2vC5RzVp61Ld3Tl/XyKCq4G85B8UeqLGwbKTqLyRyqEvTZK8SAfI
618gYn1G2PlHcCAPDW18bRxYRgzOYPmylxVPb1qsJ2BlZLSJeD3EyBwMwMLSuioX
bPE+O1crt2tPOOm6qxBqhr/dHwKBgQDM238johWYE01qL3G6dN0aNHRFINrDYR61
T5HvLd0u9mSU0MArEyqWjrDfx+OzbTVagjNNFdwQJr6GEEdMutsemub59NEwLmHb
W/OjDr5JqLdXKGXUOTKygXB0VgVKp04lI6bhsrsOzStkJOzWTzjQ2xik9dr7vAB9
SkTBnmXWowKBgQC9TlJEbVyLM0VdQbchoQpy1w73G6XFbTuL7xe0gHaON8DWLuVA
HR1q7dUnKOo2wGKUsp2sGh7zh3W/SuIgqogLDieEn83uSLhB+8utuOtQswQ7Z7xr
c6NbUge43bl+PwIxEpywVaExX2WmS4N4uPndtRcm74U33t4MhsaLl6opxwKBgHXZ
mCyhpBaWlCSQIrcHX+MhZfoWyoM3rfjUS7nzAplvubE63jJplkiC0hIK5l1kaBsn
Z+fiuXS5NUXeu4XSwRe8OUB2rJkxNa6CGYkmhCXP35lObjZGqXmzqUPj8Ktf0D7h
YbHZpm7/bQTxkSZA8QiF4omTvmSvZQCu5xsTyrZNAoGAb4V6rCWRiuzE7ADTrYOD
R2TeizqqRiHieM2Re+LYhjtU1GDeQ0Mp/zKQGMwjSBbaBRWt789MHx9LKne1+7u2
a7+GTU5C5updwXSi5NSw9nGBTU+Mob8KsL2mCRZ3Ck+k9GMSjCmBCsVxL6WWxgC9
6ZS3nvmfGAynTNt7zqPqrUA=
-----END PRIVATE KEY-----
""",
    ),
    DevelopmentKey(
        account=2,
        name="bob",
        kind=KeyKind.ED25519,
        api_key="bobDevelopmentEd255192ouOfjxf4l5jEMrinYik2Fvu6Hjpyc9ngx7ZtNVCEYY",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINk9fQA2NgAQqxS1OBGR/5aqKksCAs3H/iFewsQ9D2xZ
-----END PRIVATE KEY-----
""",
    ),
    DevelopmentKey(
        account=3,
        name="carol",
        kind=KeyKind.HMAC,
        api_key="carolDevelopmentHmacB63PSQcK1g8ff140R8x8sW4WF27vULkfqwHoWM482nBa",
        secret_key="CXlAk9Su7a1JMr2nHgV0OIieBHlnjDjPhnJkLcL5raY0TRCzQqwEjko1ECvfOFMp",
    ),
    DevelopmentKey(
        account=3,
        name="carol",
        kind=KeyKind.RSA,
        api_key="carolDevelopmentRsaIoDk5SkICEFkVtlrc3KVelUcmrUwjYBlqJE6uJ50DQbSq",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCbGS3xwQ0Fg9Bg
qOQxlXj+kQRR18628JQ+jthGUkvyvjIseLYFd5Trhaxx7EyIOQPzcQNqyMzKhrlb
f0UiSUUqzo8rdUlKILg0cT+eXlexULxIUPjWcSkOpmGMIXwX/TBE0M7qWwCfd5oR
zrYls+qWVJ4vb2Rj21uWEv/lNTJEoekCyb1VZYvjG4PhZAejfpU+FOul3ZxK9OV+
zsooh6MM+5vzmtg3r/mDzH2a6nwNUnmVKzbtr3NfopuqZ/4Jr1zeLDOvC6+riVHl
qr5QmpiO0fhQ/rWmKXmXHFQ/hs74wcP0zCPTUXPg7usNJvtHsz/ikK+NbEI05utV
+T6fSTRjAgMBAAECggEAEPy/BX2JeZMoXY3iAHRInkkv2e7zGyJaekeW9IzK+LlQ
MYK/HPYt/2XSr1+cOkdUYXN9VlLL61q6LoVQAyNXSgr5r17XOiE/S68jsqrOnAMl
vB3yQzp9rrcWdAyu1MnMYZ0lLJHvDYhB/bVQSezcwr5d3QAsVKuP6m4GTQp4iP+v
IZdWD1wPkv31hys39i0ah+s5GWK2A+qTkS7AkO3JHRi99JUeWivZ7GPbWADI9Vyv
9GoBIYBsuR3BlV0DXHjYc/UWbL1TIepTI+r4L520DdSHhxlEZJmchUF30P739AEf
TU7W8/8L8/cybHZsAbV/cOvYPVpgTEqfVNvfHfgl8QKBgQDO53vtuAbXozWa0kU2
M5lzNnO8F1KQhGy+jfSc7+DJLatLtYFV2VVfIb6pBsj5DfDf+w7J1ybugmJJ0t3b
VeQMRhQs18fogym5YiX/ficRz20P22JyS3hZQJUtUaDhWpjo+Z6y5Mnagzn1lGMi
RvHpRiZNFu4sGHD0brvven2YxQKBgQC/5re/QWwm6MAopPTD1bcHdXwzdUyniSrx
hiHxUPZhpsFC21eIPi1ghsvcSYQgIVi1T0nOwU+XJBBckp1MF277ZgmIhfVkUp6c
7XAy7MaQrdOP9AxpF5IzbFrjysa5OkKzhVY7Z7e/fbFOpSxBtZeR3tkwRpvX0S0C
HtVP7xxbBwKBgQC8ceVTzCqfOE1YZ28WQMTgRJYAmBVg/tu0asKCNZC8atX7LKNR
t5KkBK4McNuWyvW6aoU7nLQew64VovLiFEaSTzmM5jNzOBNGf3gwTYv0EsI4kQ4H
H2nLkKDOF+y5k7R1bPT35p1aYe7mF3J7A7bNSlEUIXBnxRML7ddJ9Hx0KQKBgDEz
k1r7CCK1vEbvfD4Vtna4HZ8H7R5rYdJJBLzdeD4zRgvBNyEcZ//+r5gMVU7znc3m
xVK4Z5Kl0Xgasy/GNlNIpxsU1YTiVf6ANisoYATKPJsFBIWRYI/EsU0EOY1WLbHf
duuGPStgq6wxVzaFu5XP4DmrcNuVqweHJkP3V3rTAoGADxJqgwZUEhtC/sbPpNcS
T0RAsyYjFqXJkFZSRcszzk8R4nrj+Wb5508sG6RKVxWRuLLBIdOLlH9yAQsXjMLR
8qTlVjoxqblD0peeoPjGBIjIQEOTMIsoxtrCAwqNWadPKtHT6OqCiS4iDLn8b5d+
iCEz8m51y4OF+elhCk1JcfU=
-----END PRIVATE KEY-----
""",
    ),
    DevelopmentKey(
        account=3,
        name="carol",
        kind=KeyKind.ED25519,
        api_key="carolDevelopmentEd25519D5LYkHtt2yUahkViQgF1JcZIHr1wA6TTcGYyMeGh5",
        private_key_pem="""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAFoVEFCBHVX28lqR8kysXd9DGUIv+QrXliovVqbCZj5
-----END PRIVATE KEY-----
""",
    ),
)
