"""What each kind of element becomes."""

from datetime import UTC, datetime

import pytest

from chaskiq_core.plugin import (
    ButtonPressed,
    Ignored,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    SendStatus,
    StatusChanged,
)
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import (
    BUSINESS,
    NUMBER_ID,
    OMAR,
    OTHER_NUMBER_ID,
    RUTH,
    RUTH_CONTACT,
    RUTH_ID,
    Fields,
    body,
    events,
    message,
    messages,
    status,
    value,
)


def the_event(told: object) -> InboundEvent:
    [event] = events(told)
    return event


def written(told: object) -> MessageReceived:
    event = the_event(told)
    assert isinstance(event, MessageReceived)
    return event


def test_a_text_has_its_author_chat_and_time() -> None:
    event = written(messages(message()))

    assert (event.text, event.message_id, event.message_key) == ("hi", "wamid.A1", "wamid.A1")
    assert event.at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert event.sender is not None
    assert (event.sender.id, event.sender.name, event.sender.phone) == (RUTH, "Ruth Amsel", f"+{RUTH}")
    assert event.sender.aliases == (RUTH_ID,)
    assert event.chat is not None
    assert (event.chat.channel_id, event.chat.thread_id, event.chat.is_person) == (RUTH, "", True)
    assert event.chat.key == f"{NUMBER_ID}:{RUTH}"


def test_a_message_to_another_number_of_the_app_is_in_that_numbers_chat() -> None:
    chat = written(messages(message(), number_id=OTHER_NUMBER_ID)).chat

    assert chat is not None
    assert (chat.channel_id, chat.thread_id, chat.key) == (RUTH, OTHER_NUMBER_ID, f"{OTHER_NUMBER_ID}:{RUTH}")


def test_somebody_without_a_phone_is_known_by_their_user_id() -> None:
    contact = {"profile": {"username": "ruth.a"}, "user_id": RUTH_ID, "parent_user_id": "DE.ENT.4"}
    told = message(**{"from": "", "from_user_id": RUTH_ID})

    event = written(messages(told, contacts=[contact]))

    assert event.sender is not None
    assert (event.sender.id, event.sender.name, event.sender.phone) == (RUTH_ID, "ruth.a", None)
    assert event.sender.aliases == ("DE.ENT.4",)
    assert event.chat is not None
    assert event.chat.channel_id == RUTH_ID


def test_a_contact_is_found_by_an_id_and_not_by_its_place() -> None:
    omar = {"profile": {"name": "Omar"}, "wa_id": OMAR}
    found = events(messages(message(), message(**{"from": OMAR, "from_user_id": None}), contacts=[omar, RUTH_CONTACT]))

    assert [event.sender.name for event in found if event.sender] == ["Ruth Amsel", "Omar"]


def test_a_stranger_among_contacts_is_not_taken_for_one_of_them() -> None:
    event = written(messages(message(**{"from": OMAR, "from_user_id": None})))

    assert event.sender is not None
    assert (event.sender.id, event.sender.name, event.sender.aliases) == (OMAR, f"+{OMAR}", ())


def test_a_number_written_for_people_is_the_same_number() -> None:
    contact = {"profile": {"name": "Ruth"}, "wa_id": "+49 1579 000-1122"}
    event = written(messages(message(**{"from": f"+{RUTH}", "from_user_id": None}), contacts=[contact]))

    assert event.sender is not None
    assert (event.sender.id, event.sender.name) == (RUTH, "Ruth")


@pytest.mark.parametrize("time", ["", None, "soon", "-1", "0", "9" * 30, [], "253402300800", "1790000000.5", True])
def test_an_absurd_time_is_none(time: object) -> None:
    assert written(messages(message(timestamp=time))).at is None


def test_files_are_attachments_with_their_captions() -> None:
    kinds: list[tuple[str, Fields, str]] = [
        ("image", {"id": 12, "mime_type": "image/jpeg", "caption": "lid"}, "image"),
        ("video", {"id": "v", "caption": "lid"}, "video"),
        ("document", {"id": "d", "filename": " a/b.pdf ", "caption": "lid"}, "file"),
        ("audio", {"id": "a", "voice": True}, "voice"),
        ("audio", {"id": "a", "voice": "yes"}, "audio"),
        ("sticker", {"id": "s", "animated": True}, "sticker"),
    ]
    for kind, file, type_ in kinds:
        event = written(messages(message(kind, **{kind: file})))
        [attachment] = event.attachments
        assert (attachment.type, attachment.provider_file_id) == (type_, str(file["id"]))
        assert event.text == file.get("caption", "")
        assert not attachment.unavailable


def test_a_file_that_meta_could_not_take_in_is_shown_as_unavailable() -> None:
    lost = message("video", video={"mime_type": "video/mp4"})
    refused = message("video", video={"id": "v"}, errors=[{"code": 131052}])

    for told in (lost, refused):
        [attachment] = written(messages(told)).attachments
        assert attachment.unavailable


def test_a_place_and_contact_cards() -> None:
    place = written(messages(message("location", location={"latitude": "48.1", "longitude": 11, "name": "Café"})))
    [spot] = place.attachments
    assert (spot.latitude, spot.longitude, spot.name) == (48.1, 11.0, "Café")

    cards = written(
        messages(
            message(
                "contacts",
                contacts=[
                    {"name": {"first_name": "Ida", "last_name": "B"}, "phones": [{"wa_id": "4912"}]},
                    {"phones": [{}, {"phone": "+49 30"}]},
                    {"org": {"company": "Bakery"}},
                    {"emails": [{"email": "i@x.example"}]},
                    {},
                    None,
                ],
            )
        )
    ).attachments
    assert [(card.name, card.phone) for card in cards] == [
        ("Ida B", "4912"),
        (None, "+49 30"),
        ("Bakery", None),
        ("i@x.example", None),
    ]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (message("unsupported", unsupported={"type": "poll"}, errors=[{"code": 131051}]), "[Poll]"),
        (message("unsupported"), "[Unsupported message]"),
        (message("unknown"), "[Unsupported message]"),
        (message("hologram", hologram={}), "[Hologram]"),
        (message("media_placeholder"), "[Media placeholder]"),
        (message("text", text={"body": 7}), "[Text]"),
        (message("image", image=[]), "[Image]"),
        (message("location", location={"latitude": 91, "longitude": 0}), "[Location]"),
        (message("contacts", contacts=[]), "[Contacts]"),
        (message("order", order={}), "[Order]"),
        (message("interactive", interactive={"type": "dance"}), "[Interactive]"),
        (message("button"), "[Button]"),
        ({"from": RUTH, "id": "w"}, "[Unsupported message]"),
    ],
)
def test_what_we_cant_show_is_a_visible_placeholder(told: Fields, text: str) -> None:
    event = written(messages(told))

    assert event.unsupported
    assert event.text == text


def test_a_message_that_lost_its_type_is_known_by_what_it_holds() -> None:
    told = message()
    del told["type"]

    assert written(messages(told)).text == "hi"


def test_an_order_and_a_form_are_said_in_words() -> None:
    order = {
        "text": "no sugar",
        "product_items": [
            {"product_retailer_id": "BUN", "quantity": 2, "item_price": 7.5, "currency": "EUR"},
            {"product_retailer_id": "TEA"},
            "x",
        ],
    }
    assert written(messages(message("order", order=order))).text == "Order:\n- 2 × BUN at 7.5 EUR\n- TEA\nno sugar"

    def form(reply: Fields) -> str:
        return written(messages(message("interactive", interactive={"type": "nfm_reply", "nfm_reply": reply}))).text

    assert (
        form({"response_json": '{"flow_token": "x", "day": "Monday", "guests": [1, 2]}'})
        == "day: Monday\nguests: [1, 2]"
    )
    assert form({"response_json": "{broken"}) == "{broken"
    assert form({"response_json": "[1]", "body": "Sent"}) == "Sent"


def test_an_answer_a_forward_and_what_led_here() -> None:
    answer = written(messages(message(context={"from": BUSINESS, "id": "wamid.O1"})))
    forward = written(messages(message(context={"frequently_forwarded": True, "id": "wamid.X"})))
    ad = written(messages(message(referral={"source_type": "ad", "source_id": 12, "body": None, "image_url": "u"})))
    product = written(messages(message(context={"referred_product": {"product_retailer_id": "BUN"}})))

    assert (answer.reply_to, answer.reply_to_key, answer.forwarded) == ("wamid.O1", "wamid.O1", None)
    assert (forward.reply_to, forward.forwarded) == (None, {"name": "", "frequently": True})
    assert ad.referral == {"source_type": "ad", "source_id": "12", "media_url": "u"}
    assert ad.text == "hi"
    assert product.referral == {"source_type": "product", "source_id": "BUN", "catalog_id": ""}


@pytest.mark.parametrize(
    ("kind", "content", "data", "title"),
    [
        ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "No"}}, "1", "No"),
        ("interactive", {"type": "list_reply", "list_reply": {"id": 2, "title": "Other"}}, "2", "Other"),
        ("button", {"payload": "PAY", "text": "Pay"}, "PAY", "Pay"),
        ("button", {"text": "Pay"}, "Pay", "Pay"),
    ],
)
def test_a_press_says_which_button_of_which_message(kind: str, content: Fields, data: str, title: str) -> None:
    event = the_event(messages(message(kind, **{kind: content}, context={"id": "wamid.O1"})))

    assert isinstance(event, ButtonPressed)
    assert (event.data, event.title, event.text) == (data, title, title)
    assert (event.message_key, event.own_message_id, event.callback_id) == ("wamid.O1", "wamid.A1", "wamid.A1")


def test_a_reaction_replaces_what_the_person_had_there() -> None:
    for reaction, added in (({"emoji": "🔥"}, ("🔥",)), ({"emoji": ""}, ()), ({}, ()), ({"emoji": None}, ())):
        event = the_event(messages(message("reaction", reaction={"message_id": "wamid.O1", **reaction})))
        assert isinstance(event, ReactionChanged)
        assert (event.message_key, event.added, event.replaces) == ("wamid.O1", added, True)

    assert isinstance(the_event(messages(message("reaction", reaction={"emoji": "🔥"}))), Ignored)


def test_a_message_is_edited_and_taken_back() -> None:
    edit = the_event(
        messages(message("edit", edit={"original_message_id": "wamid.A0", "message": message(text={"body": "new"})}))
    )
    assert isinstance(edit, MessageEdited)
    assert (edit.message_key, edit.text, edit.event_id) == ("wamid.A0", "new", "wamid.A1")

    revoke = the_event(messages(message("revoke", revoke={"original_message_id": "wamid.A0"})))
    assert isinstance(revoke, MessageDeleted)
    assert revoke.message_keys == ("wamid.A0",)

    for told in (message("edit", edit={"message": message()}), message("revoke", revoke={}), message("edit")):
        assert isinstance(the_event(messages(told)), Ignored)


def test_a_new_number_is_the_same_person() -> None:
    told = {
        "from": RUTH,
        "id": "wamid.S1",
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": OMAR, "user_id": "BR.9"},
    }

    event = the_event(messages(told, contacts=[]))

    assert isinstance(event, MembershipChanged)
    assert event.change == "identity_changed"
    assert event.sender is not None
    assert event.sender.id == RUTH
    [now] = event.members
    assert (now.id, now.aliases, now.phone) == (OMAR, ("BR.9",), f"+{OMAR}")
    assert event.new_chat is not None
    assert event.new_chat.channel_id == OMAR


def test_a_new_user_id_leaves_the_chat_of_a_known_phone_where_it_is() -> None:
    told = message("system", system={"type": "user_changed_user_id", "user_id": "DE.9"})

    event = the_event(messages(told))

    assert isinstance(event, MembershipChanged)
    assert event.new_chat is None
    assert (event.members[0].id, event.members[0].aliases) == (RUTH, ("DE.9",))


@pytest.mark.parametrize(
    "system", [{"type": "customer_identity_changed"}, {"type": "user_changed_number"}, {}, None, {"type": 7}]
)
def test_any_other_notice_of_whatsapp_is_ignored(system: object) -> None:
    assert isinstance(the_event(messages(message("system", system=system))), Ignored)


def test_a_group_is_one_chat_of_several_people() -> None:
    event = written(messages(message(group_id="Y2FwaV9ncm91cDox")))

    assert event.chat is not None
    assert (event.chat.channel_id, event.chat.is_group, event.chat.is_person) == ("Y2FwaV9ncm91cDox", True, False)
    assert event.chat.key == f"{NUMBER_ID}:group:Y2FwaV9ncm91cDox"
    assert event.sender is not None
    assert event.sender.id == RUTH


def test_a_status_says_how_far_a_message_got() -> None:
    for word, expected in (
        ("sent", SendStatus.SENT),
        ("delivered", SendStatus.DELIVERED),
        ("read", SendStatus.READ),
        ("played", SendStatus.PLAYED),
    ):
        event = the_event(body(("messages", value(statuses=[status(word, biz_opaque_callback_data="piece-1")]))))
        assert isinstance(event, StatusChanged)
        assert (event.status, event.message_key, event.attempt_id) == (expected, "wamid.O1", "piece-1")
        assert event.event_id == f"wamid.O1:{word}"


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        (131047, "window"),
        ("131026", "recipient"),
        (131053, "content"),
        (130429, "transient"),
        (190, "reauth"),
        (131042, "account"),
        (131000, "ambiguous"),
        (999999, "content"),
    ],
)
def test_a_failed_status_says_why(code: object, error_class: str) -> None:
    errors = [{"code": code, "title": "T", "error_data": {"details": "It did not go."}}]
    event = the_event(body(("messages", value(statuses=[status("failed", errors=errors)], contacts=[]))))

    assert isinstance(event, StatusChanged)
    assert (event.error_code, event.error_class, event.error_message) == (str(code), error_class, "It did not go.")


def test_a_status_that_says_nothing_is_ignored() -> None:
    for told in (status("warning"), status(id=""), {**status(), "status": None}, {}):
        assert isinstance(the_event(body(("messages", value(statuses=[told])))), Ignored)


def test_a_status_of_a_group_belongs_to_the_group() -> None:
    told = status(recipient_type="group", recipient_id="Y2Fw", recipient_participant_id=RUTH)
    event = the_event(body(("messages", value(statuses=[told], contacts=[]))))

    assert event.chat is not None
    assert event.chat.key == f"{NUMBER_ID}:group:Y2Fw"


def echo(kind: str = "text", **fields: object) -> Fields:
    own = message(kind, wamid="wamid.E1", **fields)
    return {**own, "from": BUSINESS, "from_user_id": None, "to": RUTH, "to_user_id": RUTH_ID}


def test_what_the_business_wrote_on_its_phone_is_going_out() -> None:
    event = written(body(("smb_message_echoes", value(message_echoes=[echo()]))))

    assert event.direction == "out"
    assert event.sender is not None
    assert event.sender.id == BUSINESS
    assert event.recipient is not None
    assert (event.recipient.id, event.recipient.name) == (RUTH, "Ruth Amsel")
    assert event.chat is not None
    assert event.chat.channel_id == RUTH


def test_an_echo_is_edited_and_taken_back_and_its_reaction_is_nobodys() -> None:
    several = [
        echo("edit", edit={"original_message_id": "wamid.E0", "message": {"type": "text", "text": {"body": "x"}}}),
        echo("revoke", revoke={"original_message_id": "wamid.E0"}),
        echo("reaction", reaction={"message_id": "wamid.A1", "emoji": "👍"}),
        echo("interactive", interactive={"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}),
    ]
    edit, revoke, reaction, press = events(body(("smb_message_echoes", value(message_echoes=several))))

    assert isinstance(edit, MessageEdited)
    assert edit.direction == "out"
    assert isinstance(revoke, MessageDeleted)
    assert isinstance(reaction, Ignored)
    assert isinstance(press, MessageReceived)


def test_history_is_of_the_past_in_both_directions() -> None:
    threads = [
        {
            "id": RUTH,
            "context": {"user_id": RUTH_ID, "username": "ruth.a"},
            "messages": [
                {"from": RUTH, "id": "wamid.H1", "timestamp": "1780000000", "type": "text", "text": {"body": "old"}},
                {"from": BUSINESS, "to": RUTH, "id": "wamid.H2", "type": "text", "text": {"body": "reply"}},
                {"from": RUTH, "id": "wamid.H3", "type": "media_placeholder"},
                7,
            ],
        },
        "x",
    ]
    history = [{"metadata": {"phase": 0}, "threads": threads}, {"errors": [{"code": 2593109, "message": "Not shared"}]}]
    inwards, outwards, media, junk, refused = events(body(("history", value(history=history, contacts=[]))))

    assert isinstance(inwards, MessageReceived)
    assert (inwards.historical, inwards.direction, inwards.text) == (True, "in", "old")
    assert inwards.sender is not None
    assert (inwards.sender.id, inwards.sender.name, inwards.sender.aliases) == (RUTH, "ruth.a", (RUTH_ID,))
    assert isinstance(outwards, MessageReceived)
    assert (outwards.historical, outwards.direction, outwards.text) == (True, "out", "reply")
    assert outwards.recipient is not None
    assert outwards.recipient.id == RUTH
    assert isinstance(media, MessageReceived)
    assert media.unsupported
    assert isinstance(junk, Ignored)
    assert isinstance(refused, Ignored)
    assert "2593109 Not shared" in refused.reason


def test_a_file_of_the_past_comes_later_and_is_of_the_past_too() -> None:
    told = body(("history", value(messages=[message("image", wamid="wamid.H3", image={"id": "9"})])))

    event = written(told)

    assert event.historical
    assert event.message_key == "wamid.H3"
    assert event.attachments[0].provider_file_id == "9"


def test_a_bad_element_costs_its_siblings_nothing() -> None:
    several: list[object] = [None, 7, [], "x", {}, message(wamid="wamid.A2", text=None), message()]
    found = events(body(("messages", value(messages=several, statuses=[None, status()], errors=[{"code": 131031}]))))

    assert [event.kind for event in found] == [
        *["ignored"] * 5,
        "message",
        "message",
        "ignored",
        "status",
        "ignored",
    ]


def test_notices_of_the_account_say_what_they_are() -> None:
    told = body(
        ("account_update", {"event": "ACCOUNT_RESTRICTION"}),
        ("user_preferences", value(user_preferences=[{"wa_id": RUTH, "category": "marketing", "value": "stop"}])),
        ("calls", {"calls": [{}]}),
    )
    restricted, stop, calls = events(told)

    assert isinstance(restricted, Ignored)
    assert restricted.reason == "account_update: ACCOUNT_RESTRICTION"
    assert isinstance(stop, Ignored)
    assert stop.reason == "user_preferences: marketing stop"
    assert stop.sender is not None
    assert isinstance(calls, Ignored)
    assert calls.reason == "calls"
