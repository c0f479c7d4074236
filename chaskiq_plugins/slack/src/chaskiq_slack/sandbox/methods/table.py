"""Every method by its name."""

from collections.abc import Mapping

from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.methods import chat, conversations, files, people
from chaskiq_slack.sandbox.methods.call import Call, Done, Method, done


def _api_test(call: Call) -> Done:
    """api.test"""
    return done(args=call.parameters)


METHODS: Mapping[str, Method] = {
    "api.test": _api_test,
    "auth.test": people.auth_test,
    "auth.revoke": people.auth_revoke,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "conversations.open": conversations.open_channel,
    "conversations.join": conversations.join,
    "conversations.info": conversations.info,
    "conversations.list": conversations.list_channels,
    "conversations.members": conversations.members,
    "conversations.history": conversations.history,
    "conversations.replies": conversations.replies,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.completeUploadExternal": files.complete_upload,
    "files.info": files.info,
    "files.delete": files.delete,
    "reactions.add": people.add_reaction,
    "reactions.remove": people.remove_reaction,
    "users.info": people.user_info,
    "users.list": people.user_list,
    "users.lookupByEmail": people.lookup_by_email,
}


def find_method(name: str) -> Method:
    """The method of that name."""
    if method := METHODS.get(name):
        return method
    raise SlackError("unknown_method")
