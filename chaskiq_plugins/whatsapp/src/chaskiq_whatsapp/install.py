"""Making Meta call our webhook: the number looked at, its account subscribed, our address set for this number."""

from chaskiq_core.plugin import ChannelContext, Installed, JsonObject, ReauthError, SendError, UnknownOutcomeError
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.fields import id_at, text_at
from chaskiq_whatsapp.manifest import WhatsAppSettings

FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,throughput,code_verification_status,name_status,"
    "platform_type,webhook_configuration"
)
BY_HAND = (
    "in Meta's app dashboard, WhatsApp, Configuration: enter the hook URL and the verify token, and subscribe to the "
    "field messages"
)


async def install_webhook(hook_url: str, context: ChannelContext[WhatsAppSettings]) -> Installed:
    """Subscribe and set the URL; the number and its name. A SendError has Meta's sentence for the operator.

    Setting the URL for one number makes Meta call it at once; where Meta can't, the number still works by the app's own
    webhook, which the operator sets by hand: `health` says whether it is ours.
    """
    graph, settings = Graph(context), context.settings
    number = await read_number(graph, settings)
    if settings.waba_id is not None:
        await graph.post_again(f"{settings.waba_id}/subscribed_apps", {})
    else:
        context.log.warning("the setting waba_id is missing: subscribe the app to the business account by hand")
    try:
        await set_address(graph, settings, hook_url)
    except ReauthError:
        raise
    except SendError as error:
        context.log.warning("Meta did not take this number's hook URL (%s); %s", error.message, BY_HAND)
    return Installed(account=settings.phone_number_id, name=name_of(number))


async def uninstall_webhook(context: ChannelContext[WhatsAppSettings]) -> None:
    """Take this number's URL away; the business account stays subscribed, other numbers may need it."""
    await set_address(Graph(context), context.settings, "")


async def set_address(graph: Graph, settings: WhatsAppSettings, hook_url: str) -> None:
    """Have Meta call that URL for this number; '' is the app's own again."""
    told: dict[str, object] = {"override_callback_uri": hook_url}
    if hook_url:
        told["verify_token"] = settings.verify_token
    await graph.post_again(settings.phone_number_id, {"webhook_configuration": told})


async def read_number(graph: Graph, settings: WhatsAppSettings) -> JsonObject:
    """The number as Meta knows it."""
    number = await graph.get(settings.phone_number_id, {"fields": FIELDS})
    told = id_at(number, "id")
    if told and told != settings.phone_number_id:
        raise UnknownOutcomeError(f"Meta tells of the number {told} instead of {settings.phone_number_id}")
    return number


def name_of(number: JsonObject) -> str:
    """How people see the business."""
    words = (text_at(number, "verified_name").strip(), text_at(number, "display_phone_number").strip())
    return " ".join(word for word in words if word) or "WhatsApp"
