"""Tags and fix-ups. What the pool does with them the scenarios test; here is how Python gives and gets them."""

from support import TestCase

import orapool


class Tags(TestCase):
    def test_release_tags_and_get_finds(self):
        pool = self.pool()
        pool.get().release(tag="blue")
        with pool.get("blue") as session:
            self.assertTrue(session.found)
            self.assertEqual((session.tag, session.tag_bytes), ("blue", b"blue"))
        with pool.acquire("blue") as session:
            self.assertTrue(session.found)
            session.release(tag=None)
        with pool.get("blue") as session:
            self.assertFalse(session.found)
            self.assertIsNone(session.tag)

    def test_a_release_without_a_tag_keeps_it(self):
        pool = self.pool()
        pool.get().release("blue")
        pool.get("blue").release()
        pool.get("blue").release(orapool.KEEP)
        self.assertEqual(pool.get("blue").tag, "blue")

    def test_set_on_loan(self):
        pool = self.pool()
        with pool.get() as session:
            session.tag = "green"
            self.assertEqual(session.tag, "green")
            session.tag = None
            self.assertIsNone(session.tag)
            session.set_tag("A=1;B=2", multi_property=True)
            self.assertEqual(session.tag, "A=1;B=2")

    def test_any_text_and_any_bytes(self):
        pool = self.pool()
        for tag in ("käse", "\U0001f600", "a\0b", b"\x00\xff\xfe", b"\xed\xa0\x80", bytearray(b"\x01")):
            with self.subTest(tag=tag):
                pool.get().release(tag=tag)
                with pool.get(tag) as session:
                    self.assertTrue(session.found)
                    raw = tag.encode() if isinstance(tag, str) else bytes(tag)
                    self.assertEqual(session.tag_bytes, raw)
                    # What tag gives finds the same session again.
                    as_text = session.tag
                with pool.get(as_text) as session:
                    self.assertTrue(session.found)
                    session.release(drop=True)

    def test_properties(self):
        pool = self.pool()
        pool.get().release(tag={"TZ": "UTC", "LANG": "de"})
        with pool.get("LANG=de;TZ=UTC", multi_property=True) as session:
            self.assertTrue(session.found)
            self.assertEqual(session.tag, "TZ=UTC;LANG=de")
        with pool.get({"TZ": "UTC"}, match_any=True) as session:
            self.assertTrue(session.found)
        with pool.get({"TZ": "Mars"}) as session:
            self.assertFalse(session.found)

    def test_properties_can_not_smuggle_others(self):
        pool = self.pool()
        for tag in ({"TZ": "UTC;ROLE=dba"}, {"TZ;ROLE": "x"}, {"TZ=UTC;ROLE": "x"}):
            with self.subTest(tag=tag), self.fails(orapool.InvalidArgument):
                pool.get(tag)

    def test_what_is_no_list_of_properties(self):
        pool = self.pool()
        with self.fails(orapool.DatabaseError, 24487):
            pool.get("=x", multi_property=True)
        session = pool.get()
        with self.fails(orapool.DatabaseError, 24488):
            session.release("=x", multi_property=True)
        self.assertTrue(session.is_on_loan())
        with self.fails(orapool.DatabaseError, 24488):
            session.set_tag("=x", multi_property=True)
        self.assertIsNone(session.tag)
        session.release()

    def test_bits_as_in_c(self):
        pool = self.pool()
        bits = orapool.SessRls
        pool.get().release("A=1", mode=bits.RETAG | bits.MULTIPROPERTY_TAG)
        pool.get("A=1", mode=orapool.SessGet.MULTIPROPERTY_TAG).release("B=1", mode=0)
        with pool.get("A=1", mode=orapool.SessGet.MULTIPROPERTY_TAG) as session:
            self.assertTrue(session.found)


class FixUps(TestCase):
    PROCEDURE = """create procedure set_state(wanted in varchar2, actual in varchar2) is
        zone varchar2(64) := substr(wanted, instr(wanted, '=') + 1);
    begin
        if zone = 'Mars' then
            raise_application_error(-20001, 'no such time zone here: ' || zone);
        end if;
        execute immediate 'alter session set time_zone = ' || dbms_assert.enquote_literal(zone);
    end;"""

    def test_a_procedure_puts_the_state_right(self):
        pool = self.pool(fixup_callback="set_state")
        with pool.get() as session:
            session.execute(self.PROCEDURE)
        with pool.get({"TZ": "+09:00"}) as session:
            self.assertTrue(session.found)
            self.assertEqual(session.query_one("select sessiontimezone from dual"), ("+09:00",))
        with self.fails(orapool.DatabaseError, 56610) as caught:
            pool.get({"TZ": "Mars"})
        self.assertEqual(caught.error.__cause__.code, 20001)
        self.assertIn("Mars", str(caught.error.__cause__))
        with self.fails(orapool.DatabaseError, 56612):
            pool.get("single")
