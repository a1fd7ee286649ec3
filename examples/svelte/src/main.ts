import { Socket } from "phoenix";
import { mount } from "svelte";

import App from "./App.svelte";
import "../../style.css";

const { VITE_SOCKET_URL = "ws://127.0.0.1:4000/socket", VITE_API_KEY } = import.meta.env;
const socket = new Socket(VITE_SOCKET_URL, { params: { api_key: VITE_API_KEY } });
socket.connect();

/** One conversation for all tabs of this browser. */
const id = localStorage.getItem("conversation") ?? `svelte-${Date.now()}`;
localStorage.setItem("conversation", id);

const target = document.querySelector("#root");
if (!target) throw new Error("The page has no #root.");
mount(App, { target, props: { socket, id } });
