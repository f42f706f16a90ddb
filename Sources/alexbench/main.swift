print("alexbench")
