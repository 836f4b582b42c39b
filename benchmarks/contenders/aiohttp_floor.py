"""No bot at all: aiohttp in and aiohttp out, which is what a turn costs before anybody decides or stores anything."""

import sys

from aiohttp import ClientSession, web

from benchmarks.contenders.quiz import CHOICES, QUESTIONS, WHY

KEYBOARD = {"inline_keyboard": [[{"text": label, "callback_data": data}] for data, label in CHOICES]}


def main(api: str, port: int, path: str, token: str, secret: str) -> None:
    bot = f"{api}/bot{token}"

    async def calling(app: web.Application) -> object:
        async with ClientSession() as client:
            app["client"] = client
            await client.post(f"{bot}/setWebhook", json={"url": f"http://127.0.0.1:{port}{path}"})
            yield

    async def inbound(request: web.Request) -> web.Response:
        """The tap is answered in the webhook's own answer, the message sent before it."""
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != secret:
            return web.Response(status=401)
        update = await request.json()
        tap = update.get("callback_query")
        chat = (tap or update)["message"]["chat"]["id"]
        message = {"chat_id": chat, "text": f"{WHY}\n\n{QUESTIONS[0]}", "reply_markup": KEYBOARD}
        async with request.app["client"].post(f"{bot}/sendMessage", json=message) as answer:
            await answer.json()
        return web.json_response({"method": "answerCallbackQuery", "callback_query_id": tap["id"]} if tap else {})

    app = web.Application()
    app.cleanup_ctx.append(calling)
    app.router.add_post(path, inbound)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6])
